package detect

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// watch looks at all blocked goroutines from time to time. It finds what the
// registry of locks cannot see at once: circles that pass through channels, wait
// groups and conditions, where nobody holds what is waited for, and waits for a
// lock whose holder has ended.
//
// It is asleep while nobody waits, and also when everybody who waits has been
// looked at: a timer that never ends would keep the runtime from saying that all
// goroutines are asleep. A goroutine that begins to wait wakes it.
type watch struct {
	// armed says that a look is due. It is cleared before the look, so that a wait
	// which the look misses arms it again.
	armed atomic.Bool

	// looking makes one look at a time, and protects what follows up to mu.
	looking sync.Mutex
	// seen is when each wait was first met.
	seen map[*Goroutine]firstSeen
	// told are the turns of the waits of all settled goroutines at the last analysis.
	told map[*Goroutine]uint64
	// reported are the turns of the waits that were reported in a hang.
	reported map[*Goroutine]uint64
	// found are the findings of this look.
	found []finding.Finding
	// doubts is how many more looks without news a suspicion gets.
	doubts int
	// suspects are the waits that the last analysis found to hang, but did not believe yet.
	suspects map[*Goroutine]suspicion
	late     late
	// census is that of this look, and nextCensus when the next one may be taken.
	census     *census
	nextCensus time.Time

	// mu protects lost. It is a leaf: nothing else is locked under it.
	mu    sync.Mutex
	lost  []abandoned
	timer *time.Timer // of the look that is due or was the last
}

// maxDoubts is how many looks a suspicion gets: as many as the court needs to believe it,
// since a goroutine that could end the wait may be there only for a moment, such as one
// that runs a timer's function.
const maxDoubts = looksPerWait + 2

type firstSeen struct {
	turn uint64
	at   time.Time
}

// abandoned is a hold of a goroutine that ended with it.
type abandoned struct {
	by      uint64
	creator uintptr
	hold    hold
}

// maxLost bounds the abandoned holds that are kept; the oldest goes first.
const maxLost = 256

// looksPerWait is how many looks a wait gets before it counts as settled.
const looksPerWait = 4

func (w *watch) arm() {
	if inBubble() || !w.armed.CompareAndSwap(false, true) {
		return
	}
	after := period(std.sink.patience())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(after, w.look)
}

// configured makes a look that is due come by the new options: the old ones may
// have set it for much later.
func (w *watch) configured() {
	after := period(std.sink.patience())
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil && w.timer.Stop() {
		w.timer = time.AfterFunc(after, w.look)
	}
}

// period is how long the watch rests between two looks at waits that settle after the
// patience.
func period(patience time.Duration) time.Duration {
	return max(patience/looksPerWait, time.Millisecond)
}

// look is one look at everybody. It runs on a goroutine of its own. While another
// look is under way it comes later: looks must not pile up where they take long.
func (w *watch) look() {
	w.armed.Store(false)
	patience := std.sink.patience()
	if w.looking.TryLock() {
		w.lookNow(patience)
	} else {
		w.arm()
	}
}

// lookNow is a look by who has locked w.looking, which it unlocks.
func (w *watch) lookNow(patience time.Duration) {
	var found []finding.Finding
	g := current()
	if g != nil {
		g.enter()
		defer g.leave()
		std.protect(func() { found = w.examine(time.Now(), patience) })
	}
	w.looking.Unlock()
	for _, f := range found {
		std.protect(func() { std.sink.report(f) })
	}
}

// examine returns what a look finds.
func (w *watch) examine(now time.Time, patience time.Duration) []finding.Finding {
	w.found, w.census = nil, nil
	due := w.late.comes()
	settled, waiting := w.settle(now, patience)
	if w.news(settled) || due {
		w.doubts = maxDoubts
	}
	if w.doubts > 0 {
		w.doubts--
		if !w.analyze(settled, now, patience) {
			w.doubts = 0
		}
	}
	if waiting || w.doubts > 0 {
		w.arm()
	} else {
		w.lookLate(settled)
	}
	return w.found
}

// settle returns the waits that have lasted for the patience, and whether there are
// younger ones.
func (w *watch) settle(now time.Time, patience time.Duration) (settled []sighting, younger bool) {
	seen := make(map[*Goroutine]firstSeen)
	for _, g := range std.states.all() {
		s, ok := g.look()
		if !ok {
			w.findAbandoned(g)
			continue
		}
		first, known := w.seen[g]
		if !known || first.turn != s.turn {
			first = firstSeen{s.turn, now}
		}
		seen[g] = first
		if now.Sub(first.at) >= patience {
			s.since = first.at
			settled = append(settled, s)
		} else {
			younger = true
		}
	}
	w.seen = seen
	return settled, younger
}

// news reports whether somebody has settled since the last analysis. That others
// have left makes no deadlock.
func (w *watch) news(settled []sighting) bool {
	told := make(map[*Goroutine]uint64, len(settled))
	isNew := false
	for i := range settled {
		s := &settled[i]
		told[s.g] = s.turn
		isNew = isNew || w.told[s.g] != s.turn
	}
	w.told = told
	return isNew
}

// findAbandoned keeps the holds of a goroutine that has ended. Its state may get
// another tenant at any time, so what was read counts only if it has none yet.
//
//go:norace
func (w *watch) findAbandoned(g *Goroutine) {
	id, n, table := g.identity(), g.n, g.table.Load()
	if id == 0 || n == 0 || table == nil || !g.endedAs(id) || g.gone.Load() == id {
		return
	}
	var holds []hold
	for i := range min(n, len(*table)) {
		h := (*table)[i]
		holds = append(holds, h)
	}
	if g.identity() == id {
		w.abandon(id, g.creator, holds)
	}
}

// abandon keeps the valid holds of a goroutine that has ended or is about to.
func (w *watch) abandon(id uint64, creator uintptr, holds []hold) {
	if len(holds) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range holds {
		known := slices.ContainsFunc(w.lost, func(a abandoned) bool { return a.by == id && a.hold.lock == h.lock })
		if h.holdsStill() && !known {
			w.lost = append(w.lost, abandoned{id, creator, h})
		}
	}
	if over := len(w.lost) - maxLost; over > 0 {
		w.lost = slices.Delete(w.lost, 0, over)
	}
}

// abandonedHolds returns the holds of goroutines that have ended, without those
// that somebody else has released since.
func (w *watch) abandonedHolds() []abandoned {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lost = slices.DeleteFunc(w.lost, func(a abandoned) bool { return !a.hold.holdsStill() })
	return slices.Clone(w.lost)
}
