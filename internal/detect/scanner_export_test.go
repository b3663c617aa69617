//go:build !concdoctor_off

package detect

import "time"

// ScanForTest waits until so many goroutines wait in the agent, and then has the
// watch look at them as often as it would in the given time with the default
// options, on a goroutine of its own. It returns when the last look is over.
func ScanForTest(waiting int, forAsLongAs time.Duration) {
	for blockedNow() < waiting {
		time.Sleep(time.Millisecond)
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		start := time.Now()
		for after := time.Duration(0); after <= forAsLongAs; after += period(std.sink.patience()) {
			scanForTest(start.Add(after))
		}
	}()
	<-done
}

func scanForTest(now time.Time) {
	w := &std.scanner
	g := current()
	g.enter()
	defer g.leave()
	w.scanning.Lock()
	time.Sleep(time.Until(w.nextCensus))
	w.rescans = max(w.rescans, 1)
	found := w.examine(now, std.sink.patience())
	w.scanning.Unlock()
	for _, f := range found {
		std.sink.report(f)
	}
}

func blockedNow() (n int) {
	for _, g := range std.states.all() {
		if _, ok := g.readBlocked(); ok {
			n++
		}
	}
	return n
}

// ScanClock has the watch look at what there is at moments that a test chooses.
type ScanClock struct{ now time.Time }

// NewScanClock returns a clock, with a first look. The watch takes the processor time of the
// process from it.
func NewScanClock(processor func() time.Duration) *ScanClock {
	c := &ScanClock{time.Now()}
	w := &std.scanner
	w.scanning.Lock()
	w.limits = limits{processor: func() (time.Duration, bool) { return processor(), true }}
	w.scanning.Unlock()
	c.Advance(0)
	return c
}

// Advance lets time pass, and returns after the watch has looked.
func (c *ScanClock) Advance(d time.Duration) {
	c.now = c.now.Add(d)
	std.scanner.scanning.Lock()
	std.scanner.nextCensus = time.Time{}
	std.scanner.scanning.Unlock()
	done := make(chan bool)
	go func() {
		defer close(done)
		scanForTest(c.now)
	}()
	<-done
}

// AwaitBlocked returns when so many goroutines wait in the agent that did not when the test
// began.
func AwaitBlocked(n int) {
	for blockedNew() < n {
		time.Sleep(time.Millisecond)
	}
}

func blockedNew() (n int) {
	std.scanner.scanning.Lock()
	defer std.scanner.scanning.Unlock()
	for _, g := range std.states.all() {
		if s, ok := g.readBlocked(); ok && std.scanner.reported[g] != s.turn {
			n++
		}
	}
	return n
}
