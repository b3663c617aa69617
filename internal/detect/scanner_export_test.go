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
