package detect

import (
	"slices"
	"time"
)

// late are the looks at those who have waited long and been looked at: whoever could
// help them may have ended since. They come at growing intervals, and only while some
// goroutine of the program is awake: else the runtime is to say that all are asleep,
// which it does not while a timer is set. All of it is protected by watch.looking.
type late struct {
	pause time.Duration // before the look that is due or was the last
	timer *time.Timer
}

const (
	firstPause = 4 * time.Second
	lastPause  = time.Minute
)

// comes reports whether a late look is due, and takes it off.
func (l *late) comes() bool {
	due := l.timer != nil && !l.timer.Stop()
	l.timer = nil
	return due
}

// lookLate sets a late look if one may be of use.
func (w *watch) lookLate(settled []sighting) {
	hopeful := slices.ContainsFunc(settled, func(s sighting) bool { return s.lock == nil && w.reported[s.g] != s.turn })
	if !hopeful {
		w.late.pause = 0
		return
	}
	if c := w.takeCensus(); c != nil && !c.isAwake() {
		return
	}
	w.late.pause = min(max(2*w.late.pause, firstPause), lastPause)
	w.late.timer = time.AfterFunc(w.late.pause, w.look)
}
