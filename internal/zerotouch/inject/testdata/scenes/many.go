package main

import (
	"os"
	"runtime"
	"sync"
	"time"
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

// lapped has more goroutines wait for one channel than are kept with it, one for another,
// and has what is recorded of them overwritten.
func lapped() {
	crowd, few := make(chan int), make(chan int)
	for range 20 {
		go ask(crowd)
	}
	go ask(few)
	settle()
	for i := range 300_000 {
		p := new(pair)
		p.first.Lock()
		p.second.Lock()
		p.second.Unlock()
		p.first.Unlock()
		if i%20_000 == 0 {
			runtime.GC() // there is room for so many objects
		}
	}
}

// stacks takes a lock at more stacks than there is room for, and waits at another.
func stacks() {
	for path := range 1 << 16 {
		left(path, 15)
	}
	go receive(make(chan int))
	settle()
}

// left and right call each other along a path.
//
//go:noinline
func left(path, depth int) {
	switch {
	case depth == 0:
		a.Lock()
		a.Unlock()
	case path&1 == 0:
		left(path>>1, depth-1)
	default:
		right(path>>1, depth-1)
	}
}

//go:noinline
func right(path, depth int) {
	switch {
	case depth == 0:
		a.Lock()
		a.Unlock()
	case path&1 == 0:
		left(path>>1, depth-1)
	default:
		right(path>>1, depth-1)
	}
}

var (
	global = make(chan int)
	locked sync.Mutex
)

// reached has goroutines wait for what is reached in different ways.
func reached() {
	lone, local, later := make(chan int), make(chan int), make(chan int)
	go func() { <-lone }()
	go func() { <-global }()
	go func() { locked.Lock(); locked.Lock() }()
	go func() { <-local }()
	go func() { <-later }()
	timer := time.AfterFunc(time.Hour, func() { close(later) })
	settle()
	runtime.KeepAlive(timer)
	if local != nil {
		defer close(local)
	}
	os.Exit(0)
}
