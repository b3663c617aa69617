package detect

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/cputime"
)

// scanner examines all blocked goroutines from time to time. It finds what the registry of
// lock waits cannot find at once: deadlocks through channels, wait groups and conditions,
// which no goroutine holds, and waits for a lock whose holder has exited.
//
// It sleeps while no goroutine is blocked, and also when all blocked ones have been
// examined: a timer that never stops would keep the runtime from reporting that all
// goroutines are asleep. A goroutine that blocks wakes it.
type scanner struct {
	// armed says that a scan is due. It is cleared before the scan, so that a wait which
	// the scan misses arms it again.
	armed atomic.Bool
	// rest is how many nanoseconds the next scan is put off at the least: see restAfter.
	rest atomic.Int64

	// scanning serializes scans, and protects what follows up to mu.
	scanning sync.Mutex
	// seen is when each wait was seen first.
	seen map[*Goroutine]firstSeen
	// judged are the turns of the waits that were settled at the last judgement.
	judged map[*Goroutine]uint64
	// reported are the turns of the waits that were part of a reported hang.
	reported map[*Goroutine]uint64
	// found are the findings of this scan.
	found []finding.Finding
	// rescans is how many more scans without news there are for suspected hangs.
	rescans int
	// suspects are the waits that the last judgement found to hang, but not yet for long
	// enough to report them.
	suspects map[*Goroutine]suspicion
	recheck  recheckTimer
	prover   prover
	limits   limits
	// lost are goroutines that wait in ways which the engine does not see, and that were part
	// of a reported hang.
	lost map[uint64]bool
	// census is that of this scan, and nextCensus is when the next one may be taken.
	census     *census
	nextCensus time.Time
	isDelayed  bool // it was too early for one in this scan

	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu        sync.Mutex
	abandoned []abandonedHold
	hung      map[*Goroutine]uint64 // the turns of waits that are part of reported hangs
	timer     *time.Timer           // of the scan that is due or was the last
}

// maxRescans is the number of scans for a suspected hang: as many as the court needs to
// report it. A goroutine that could end the wait may exist only for a moment, such as one
// that runs a timer's function.
const maxRescans = scansPerWait + 2

type firstSeen struct {
	turn uint64
	at   time.Time
}

// abandonedHold is a lock that its holder had not released when it ended.
type abandonedHold struct {
	by      uint64
	creator uintptr
	hold    hold
}

// maxAbandoned bounds the abandoned holds that are kept; the oldest is dropped first.
const maxAbandoned = 256

// scansPerWait is the number of scans within the patience, after which a wait is settled.
const scansPerWait = 4

func (sc *scanner) arm() {
	if inBubble() || !sc.armed.CompareAndSwap(false, true) {
		return
	}
	after := sc.pause(std.sink.patience())
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.timer = time.AfterFunc(after, sc.scan)
}

// configured sets the timer of a scan that is due anew: by the old options the scan may be
// due much later.
func (sc *scanner) configured() {
	after := sc.pause(std.sink.patience())
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.timer != nil && sc.timer.Stop() {
		sc.timer = time.AfterFunc(after, sc.scan)
	}
}

// period is the time between two scans.
func period(patience time.Duration) time.Duration {
	return max(patience/scansPerWait, time.Millisecond)
}

// pause is the time until the next scan.
func (sc *scanner) pause(patience time.Duration) time.Duration {
	return max(period(patience), time.Duration(sc.rest.Load()))
}

// scanRest is how much longer than a scan the pause after it lasts at the least: all scans
// together cost a fiftieth of the time of one processor. A scan of ten thousand blocked
// goroutines takes some ten milliseconds.
const scanRest = 50

// restAfter returns how long scans rest after one that began at the given times of the clock
// and of the processors. Of the two that have passed the shorter one counts: a scan may have
// waited for a processor, and others may have worked meanwhile.
func (sc *scanner) restAfter(began time.Time, cpu time.Duration) time.Duration {
	cost := time.Since(began)
	if now, known := cputime.Used(); known {
		cost = min(cost, now-cpu)
	}
	rest := scanRest * cost
	if sc.isDelayed {
		rest = max(rest, time.Until(sc.nextCensus))
	}
	return rest
}

// scan examines all blocked goroutines. It runs on a goroutine of its own. If another scan
// is in progress, it is put off: scans must not pile up where they take long.
func (sc *scanner) scan() {
	sc.armed.Store(false)
	patience := std.sink.patience()
	if sc.scanning.TryLock() {
		sc.scanNow(patience)
	} else {
		sc.arm()
	}
}

// scanNow is scan for a caller that has locked scanning, which scanNow unlocks.
func (sc *scanner) scanNow(patience time.Duration) {
	var found []finding.Finding
	g := current()
	if g != nil {
		g.enter()
		defer g.leave()
		std.protect(func() { found = sc.examine(time.Now(), patience) })
	}
	sc.scanning.Unlock()
	for _, f := range found {
		std.protect(func() { std.sink.report(f) })
	}
}

// examine returns what a scan finds.
func (sc *scanner) examine(now time.Time, patience time.Duration) []finding.Finding {
	began := time.Now()
	cpu, _ := cputime.Used()
	sc.found, sc.census, sc.isDelayed = nil, nil, false
	due := sc.recheck.takeDue(now)
	settled, younger := sc.settle(now, patience)
	hasNews := sc.hasNews(settled)
	if hasNews || due && !sc.recheck.isIdle(settled, now, patience) {
		sc.rescans = maxRescans
	}
	if sc.rescans > 0 {
		sc.rescans--
		sc.prove(settled, now, patience)
		if !sc.judge(settled, younger, now, patience) {
			sc.rescans = 0
		}
	}
	sc.found = append(sc.found, sc.overLimits(slices.Concat(settled, younger), now)...)
	sc.rest.Store(int64(sc.restAfter(began, cpu)))
	if len(younger) > 0 || sc.rescans > 0 {
		sc.limits.pause = sc.pause(patience)
		sc.arm()
	} else {
		sc.scheduleRecheck(settled, now)
	}
	return sc.found
}

// settle returns the waits that have lasted for the patience, and the shorter ones.
func (sc *scanner) settle(now time.Time, patience time.Duration) (settled, younger []reading) {
	seen := make(map[*Goroutine]firstSeen)
	for _, g := range std.states.all() {
		s, ok := g.readBlocked()
		if !ok {
			sc.findAbandoned(g)
			continue
		}
		first, known := sc.seen[g]
		if !known || first.turn != s.turn {
			first = firstSeen{s.turn, now}
		}
		seen[g] = first
		s.since = first.at
		if now.Sub(first.at) >= patience {
			settled = append(settled, s)
		} else {
			younger = append(younger, s)
		}
	}
	sc.seen = seen
	return settled, younger
}

// hasNews reports whether a wait has settled since the last judgement. That others have
// ended cannot make a deadlock.
func (sc *scanner) hasNews(settled []reading) bool {
	judged := make(map[*Goroutine]uint64, len(settled))
	isNew := false
	for i := range settled {
		s := &settled[i]
		judged[s.g] = s.turn
		isNew = isNew || sc.judged[s.g] != s.turn
	}
	sc.judged = judged
	return isNew
}

// findAbandoned keeps the holds of a goroutine that has ended. Its state may pass to another
// goroutine at any time, so what was read counts only if it has not yet.
//
//go:norace
func (sc *scanner) findAbandoned(g *Goroutine) {
	id, n, table := g.identity(), g.n, g.table.Load()
	if id == 0 || n == 0 || table == nil || !g.endedAs(id) || g.gone.Load() == id {
		return
	}
	var holds []hold
	for i := range min(n, len(table.locks)) {
		holds = append(holds, table.hold(i))
	}
	if g.identity() == id {
		sc.abandon(id, g.creator, holds)
	}
}

// abandon keeps the valid holds of a goroutine that has ended or is about to.
func (sc *scanner) abandon(id uint64, creator uintptr, holds []hold) {
	if len(holds) == 0 {
		return
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for _, h := range holds {
		known := slices.ContainsFunc(sc.abandoned, func(a abandonedHold) bool { return a.by == id && a.hold.lock == h.lock })
		if h.isValid() && !known {
			sc.abandoned = append(sc.abandoned, abandonedHold{id, creator, h})
		}
	}
	if over := len(sc.abandoned) - maxAbandoned; over > 0 {
		sc.abandoned = slices.Delete(sc.abandoned, 0, over)
	}
}

// abandonedHolds returns the holds of goroutines that have ended, without those that another
// goroutine has released since.
func (sc *scanner) abandonedHolds() []abandonedHold {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.abandoned = slices.DeleteFunc(sc.abandoned, func(a abandonedHold) bool { return !a.hold.isValid() })
	return slices.Clone(sc.abandoned)
}
