// Package counter counts with several goroutines at once. It uses the standard
// library alone, so that it can be compiled by itself under the race detector.
//
// The disease: "n++" is three steps — read, add, write. When two goroutines read
// the same value, both write the same sum and one increment is lost. Nothing
// crashes; the total is just too small, and differently so in every run.
//
// Three cures: a mutex around the three steps; one atomic instruction that does
// all three; or compare-and-swap, which writes only if no other goroutine wrote in between and
// else starts again.
package counter

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Workers is how many goroutines count.
const Workers = 4

// Racy is the disease.
func Racy(each int) (total int64) {
	var n int64
	count(each, func(i int) {
		seen := n
		if i == each/2 {
			// Once, let others run between read and write, as the scheduler does now and
			// then: a machine with one core shows the loss too.
			runtime.Gosched()
		}
		n = seen + 1
	})
	return n
}

// Locked is the first cure: one goroutine at a time does the three steps.
func Locked(each int) (total int64) {
	var mu sync.Mutex
	var n int64 // mu protects n
	count(each, func(int) {
		mu.Lock()
		n++
		mu.Unlock()
	})
	return n
}

// Atomic is the second cure: one instruction does the three steps.
func Atomic(each int) (total int64) {
	var n atomic.Int64
	count(each, func(int) { n.Add(1) })
	return n.Load()
}

// CompareAndSwap is the third cure: write only if no other goroutine did since the read.
// For a plain sum Add is better; the loop is for updates that no single
// instruction can do.
func CompareAndSwap(each int) (total int64) {
	var n atomic.Int64
	count(each, func(int) {
		for {
			seen := n.Load()
			if n.CompareAndSwap(seen, seen+1) {
				return
			}
		}
	})
	return n.Load()
}

// count calls increment each times in each of Workers goroutines.
func count(each int, increment func(i int)) {
	var workers sync.WaitGroup
	for range Workers {
		workers.Go(func() {
			for i := range each {
				increment(i)
			}
		})
	}
	workers.Wait()
}
