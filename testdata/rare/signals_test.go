package rare

import (
	"sync"
	"sync/atomic"
	"testing"
)

// The condition is looked at before the lock is taken: a signal in between is lost.
func TestLostSignal(t *testing.T) {
	var mu sync.Mutex
	ready := sync.NewCond(&mu)
	var done atomic.Bool
	together(func() {
		if !done.Load() {
			mu.Lock()
			ready.Wait()
			mu.Unlock()
		}
	}, func() {
		done.Store(true)
		mu.Lock()
		ready.Signal()
		mu.Unlock()
	})
}

type feed struct {
	last   int
	closed atomic.Bool
	items  chan int
}

// publish looks whether the feed is closed and then sends.
func (f *feed) publish(i int) {
	if !f.closed.Load() {
		f.items <- i
	}
}

func (f *feed) close() {
	f.last = ponder()
	f.closed.Store(true)
	close(f.items)
}

func TestSendOnClosed(t *testing.T) {
	f := &feed{items: make(chan int, 1)}
	together(func() { f.publish(1) }, f.close)
}

// stop may be called twice at the same time.
func TestDoubleClose(t *testing.T) {
	quit := make(chan struct{})
	stop := func() {
		select {
		case <-quit:
		default:
			close(quit)
		}
	}
	together(stop, stop)
}

// The job counts itself instead of being counted before it starts.
func TestLateAdd(t *testing.T) {
	var wg sync.WaitGroup
	var results atomic.Int32
	started := make(chan struct{})
	go func() {
		close(started)
		wg.Add(1)
		defer wg.Done()
		results.Add(1)
	}()
	<-started
	mu.Lock() // what a program does between starting its jobs and waiting for them
	journal++
	mu.Unlock()
	wg.Wait()
	if results.Load() != 1 {
		t.Error("did not wait for the job")
	}
}

var (
	mu      sync.Mutex
	journal int
)

// The wake is dropped if the worker is not yet waiting for it.
func TestDroppedWake(t *testing.T) {
	wake := make(chan struct{})
	var work atomic.Int32
	together(func() {
		work.Store(1)
		select {
		case wake <- struct{}{}:
		default:
		}
	}, func() {
		if work.Load() == 0 {
			<-wake
		}
	})
}
