package detect

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
)

// recheckTimer is for scans of waits that were already judged once: the goroutines that
// could have ended them may have exited since. The intervals grow, and there are rechecks
// only while some goroutine of the program is awake: otherwise the runtime should report
// that all are asleep, which it does not while a timer is set. scanner.scanning protects
// all of it.
type recheckTimer struct {
	pause time.Duration // before the recheck that is due or was the last
	timer *time.Timer
}

const (
	firstRecheck = 4 * time.Second
	maxRecheck   = time.Minute
)

// takeDue reports whether a recheck is due, and clears it.
func (l *recheckTimer) takeDue() bool {
	due := l.timer != nil && !l.timer.Stop()
	l.timer = nil
	return due
}

// scheduleRecheck sets the timer of a recheck if one may find something.
func (sc *scanner) scheduleRecheck(settled []reading) {
	canProve := goroutines.CanProve()
	undecided := slices.ContainsFunc(settled, func(s reading) bool {
		return (s.lock == nil || canProve) && sc.reported[s.g] != s.turn
	})
	if !undecided {
		sc.recheck.pause = 0
		return
	}
	if c := sc.takeCensus(); c != nil && !c.isAwake() {
		return
	}
	sc.recheck.pause = min(max(2*sc.recheck.pause, firstRecheck), maxRecheck)
	sc.recheck.timer = time.AfterFunc(sc.recheck.pause, sc.scan)
}
