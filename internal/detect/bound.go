package detect

import (
	"fmt"
	"os"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// dependencyBytes is what a dependency takes in the graph: about 1,100 bytes if it was seen on
// one goroutine, most of them the stacks of its locks. Each further one of at most
// lockorder.MaxGoroutines takes as much again, and what is known of the past of a
// goroutine up to a kilobyte. Few dependencies have all that.
const dependencyBytes = 2 << 10

// bound sets how many bytes of evidence the graph keeps. Less than a few dependencies would be
// none.
func (o *order) bound(bytes int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := max(16, min(bytes/dependencyBytes, lockorder.DefaultMaxDependencies))
	o.graph.SetMaxDependencies(int(n))
}

// noteDropped says once, on standard error, that evidence was dropped.
func (o *order) noteDropped(dropped uint64) {
	if dropped == 0 || o.droppedSaid.Swap(true) {
		return
	}
	fmt.Fprintf(os.Stderr, "concdoctor: the agent keeps no more evidence about single locks than max_memory=%dMB allows, and drops the oldest: an order of two locks that is acquired the other way round much later may be missed; deadlocks that happen, and orders of classes of locks, are found as before\n", std.sink.Options().MaxMemory>>20)
}
