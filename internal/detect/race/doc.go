// Package race says whether the race detector is built in: what it takes for an order
// between goroutines, such as the reuse of memory, is then avoided.
package race
