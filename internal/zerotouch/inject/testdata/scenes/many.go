package main

import (
	"runtime"
	"sync"
)

// horde has more goroutines at once than a tape has room for, each with some to do.
func horde() {
	gate := make(chan struct{})
	for range 140_000 {
		group.Add(1)
		go func() {
			defer group.Done()
			a.Lock()
			a.Unlock()
			<-gate
		}()
	}
	close(gate)
	group.Wait()
}

// arrays takes all locks of one array after the other, under another lock. The
// memory of an array is that of an earlier one.
func arrays() {
	a.Lock()
	for range 26 {
		locks := make([]sync.Mutex, 5000)
		for i := range locks {
			locks[i].Lock()
			locks[i].Unlock()
		}
		runtime.GC()
	}
	a.Unlock()
}
