//go:build !concdoctor_off

package detect

import "time"

// WatchForTest waits until so many goroutines wait in the agent, and then has the
// watch look at them as often as it would in the given time with the default
// options, on a goroutine of its own. It returns when the last look is over.
func WatchForTest(waiting int, forAsLongAs time.Duration) {
	for blockedNow() < waiting {
		time.Sleep(time.Millisecond)
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		start := time.Now()
		for after := time.Duration(0); after <= forAsLongAs; after += period(std.sink.patience()) {
			lookForTest(start.Add(after))
		}
	}()
	<-done
}

func lookForTest(now time.Time) {
	w := &std.watch
	g := current()
	g.enter()
	defer g.leave()
	w.looking.Lock()
	time.Sleep(time.Until(w.nextCensus))
	w.doubts = max(w.doubts, 1)
	found := w.examine(now, std.sink.patience())
	w.looking.Unlock()
	for _, f := range found {
		std.sink.report(f)
	}
}

func blockedNow() (n int) {
	for _, g := range std.states.all() {
		if _, ok := g.look(); ok {
			n++
		}
	}
	return n
}
