package detect

import (
	"runtime"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/internal/cputime"
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
	// goroutines is the number of goroutines at the last judgement, and cpu the processor time
	// of the process after it.
	goroutines int
	cpu        time.Duration
	idle       bool // nothing has changed since then: see isIdle
}

const (
	// A process has changed if it has worked for idleWork: a goroutine that ends takes some
	// microseconds, and rechecks themselves some milliseconds an hour.
	idleWork = 10 * time.Millisecond
	// Whatever the court waits for has passed after longestPatience times the patience, and
	// after as many judgements as there are before a pause of idlePause.
	longestPatience = 20
	idlePause       = 30 * time.Second
)

// isIdle reports whether a judgement would find what the last one has found: the process has
// hardly worked since, no goroutine has come or gone, and no time of the court is left to pass.
func (l *recheckTimer) isIdle(settled []reading, now time.Time, patience time.Duration) bool {
	cpu, known := cputime.Used()
	isYoung := func(s reading) bool { return now.Sub(s.since) < longestPatience*patience }
	l.idle = known && l.pause >= idlePause && l.goroutines == runtime.NumGoroutine() && cpu-l.cpu < idleWork && !slices.ContainsFunc(settled, isYoung)
	return l.idle
}

// judged notes the state of the process after a judgement.
func (l *recheckTimer) judged() {
	l.cpu, _ = cputime.Used()
	l.goroutines, l.idle = runtime.NumGoroutine(), false
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
	if !r.idle {
		if c := sc.takeCensus(); c != nil && !c.isAwake() {
			r.judgeAt = time.Time{}
			return
		}
		r.judged()
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
