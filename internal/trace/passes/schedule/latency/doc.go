// Package latency measures, in an execution trace, how long goroutines that are ready
// wait for a processor: its rule is sched-latency.
//
// What counts is the wait of a goroutine that was woken or created. One that ran and
// had to make room shares a processor: many of those are at worst oversubscribed.
//
// It is reported if the slowest hundredth waits for a time slice of the scheduler
// (10 ms) or longer and the waits are a good part of what goroutines wanted to run.
// The finding distinguishes the causes: the processors ran other goroutines of the
// program, the collector was marking, the world was stopped, or processors were idle
// all the same, so that it was the system that did not run the program's threads. The
// groups that waited and those that ran meanwhile are named.
//
// All of that is observed. Where a group of goroutines is oversubscribed, which
// another pass reports, the latency is its consequence and a remark.
package latency
