// Package crowd computes many digests that need nothing but the processor.
//
// The disease: a goroutine for each, all at once. Only GOMAXPROCS of them can run;
// the rest stand in the queue, keep their memory, and make everything else in the
// process wait in the same queue. A crowd of waiting goroutines is no harm where
// they wait for the network; where they need the processor it is only a queue.
//
// The cure: as many workers as processors, and the tasks in a queue that costs
// nothing. The work takes as long as before: the gain is in what else can run.
package crowd

import (
	"crypto/sha256"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// GoroutinePerTask is the disease.
func GoroutinePerTask(tasks int) time.Duration {
	begin := time.Now()
	var all sync.WaitGroup
	for range tasks {
		all.Go(compute)
	}
	all.Wait()
	return time.Since(begin)
}

// WorkerPerProcessor is the cure.
func WorkerPerProcessor(tasks int) time.Duration {
	begin := time.Now()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for next.Add(1) <= int64(tasks) {
				compute()
			}
		})
	}
	workers.Wait()
	return time.Since(begin)
}

// compute takes about 5 ms of a processor.
func compute() {
	var digest [sha256.Size]byte
	for range 50_000 {
		digest = sha256.Sum256(digest[:])
	}
}
