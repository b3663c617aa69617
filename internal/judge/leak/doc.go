// Package leak judges goroutines that outlive what started them: a test that has ended, or
// the program. One is a leak if no goroutine that is left can end its wait, for all that
// package hang knows, or the collector has proven that.
//
// The leaks of one place are one finding: goroutines that one go statement started and
// that wait at one line. It is proven by the collector, potential for a wait that only a
// living partner ends (a send, a lock, a wait group that was counted down before), and
// suspected for the rest: a worker that waits to be sent something may be meant to stay
// for the next one that needs it. At the end of a program such a worker is no leak at all.
package leak
