package detect

import (
	"slices"
	"time"
)

// recheckTimer is for scans of waits that were already judged once: the goroutines that
// could have ended them may have exited since, and a limit may be exceeded. The intervals
// between judgements grow, and there are rechecks only while some goroutine of the program
// is awake: otherwise the runtime should report that all are asleep, which it does not while
// a timer is set. scanner.scanning protects all of it.
type recheckTimer struct {
	pause   time.Duration // before the judgement that is due or was the last
	judgeAt time.Time     // when that is due; zero if none is
	timer   *time.Timer
}

const (
	firstRecheck = 4 * time.Second
	maxRecheck   = time.Minute
)

// takeDue reports whether a judgement is due, and clears it.
func (l *recheckTimer) takeDue(now time.Time) bool {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	due := !l.judgeAt.IsZero() && !now.Before(l.judgeAt)
	if due {
		l.judgeAt = time.Time{}
	}
	return due
}

// scheduleRecheck sets the timer of a recheck if one may find something.
func (sc *scanner) scheduleRecheck(settled []reading, now time.Time) {
	r := &sc.recheck
	limit := least(std.sink.Options())
	isWatched := limit > 0 && sc.limits.isWatched(settled)
	isUndecided := sc.isUndecided(settled)
	if !isUndecided {
		r.pause, r.judgeAt = 0, time.Time{}
	}
	if !isUndecided && !isWatched {
		return
	}
	if c := sc.takeCensus(); c != nil && !c.isAwake() {
		r.judgeAt = time.Time{}
		return
	}
	if isUndecided && r.judgeAt.IsZero() {
		r.pause = min(max(2*r.pause, firstRecheck), maxRecheck)
		r.judgeAt = now.Add(r.pause)
	}
	after := r.judgeAt.Sub(now)
	if isWatched {
		next := max(limit/scansPerLimit, period(std.sink.patience()))
		if !isUndecided || next < after {
			after = next
		}
	}
	sc.limits.pause = after
	r.timer = time.AfterFunc(after, sc.scan)
}

// isUndecided reports whether another judgement may find more.
func (sc *scanner) isUndecided(settled []reading) bool {
	return slices.ContainsFunc(settled, func(s reading) bool { return sc.reported[s.g] != s.turn })
}
