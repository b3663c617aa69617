package shapes

import (
	"fmt"
	"sync"
	"time"
)

type cacheEntry struct {
	mu      sync.Mutex
	expired chan bool
	value   string
}

// TimerNeedsLock: who holds the lock waits for what a timer's function says after it has
// taken the lock.
//
// rule: deadlock
// least: potential
func TimerNeedsLock() {
	e := &cacheEntry{expired: make(chan bool)}
	e.mu.Lock() // holds lock mu
	time.AfterFunc(moment, func() {
		e.mu.Lock() // waits lock mu
		e.value = ""
		e.mu.Unlock()
		e.expired <- true
	})
	<-e.expired // waits chan expired
	e.mu.Unlock()
}

// TimerNeedsLockHealthy: the timer's function does without the lock.
func TimerNeedsLockHealthy() {
	e := &cacheEntry{expired: make(chan bool)}
	e.mu.Lock()
	defer e.mu.Unlock()
	time.AfterFunc(slow, func() { e.expired <- true })
	<-e.expired
}

// DrainedTwice: a timer that has fired, and whose tick was received, is stopped and
// drained.
//
// rule: stuck, deadlock
// least: potential
func DrainedTwice() {
	t := time.NewTimer(moment)
	<-t.C
	fmt.Println("tick")
	if !t.Stop() {
		<-t.C // waits chan C
	}
	t.Reset(moment)
	<-t.C
}

// DrainedTwiceHealthy: the timer is reset, for later.
func DrainedTwiceHealthy() {
	t := time.NewTimer(moment)
	<-t.C
	t.Reset(slow)
	<-t.C
}

type heart struct {
	ticker *time.Ticker
	beats  int
}

func (h *heart) beat() {
	for range h.ticker.C { // waits chan C
		h.beats++
	}
	fmt.Println("stopped after", h.beats)
}

// StoppedTicker: a loop over a ticker's channel, which Stop does not close, is waited for.
//
// rule: stuck, deadlock
// least: potential
func StoppedTicker() {
	h := &heart{ticker: time.NewTicker(moment / 4)}
	var wg sync.WaitGroup
	wg.Go(h.beat)
	time.Sleep(moment)
	h.ticker.Stop()
	wg.Wait() // victim group wg
}

// StoppedTickerHealthy: the ticker ticks rarely.
func StoppedTickerHealthy() {
	t := time.NewTicker(slow)
	defer t.Stop()
	var wg sync.WaitGroup
	wg.Go(func() { <-t.C })
	wg.Wait()
}
