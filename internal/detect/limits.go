package detect

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/cputime"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/limit"
)

// limits watches for how long goroutines wait for locks, and which goroutines hold them all
// that time. No acquisition has a time of its own: what the scans see adds up.
//
// A lock that the same goroutine holds in each scan, while another one is in one and the same
// wait for it, was held all the time but for moments: a Mutex goes to the goroutine that has
// waited longest as soon as that is a millisecond, and a RWMutex lets no reader in before a
// writer that waits. So the age of a hold is the time for which one waiter was seen to wait
// behind it.
//
// Only time counts in which the process could go on. After a scan that comes late, since the
// process was stopped or the machine suspended, little is added; and to the hold of a
// goroutine that runs, and to the waits for it, only what processors have worked for the
// process meanwhile.
// scanner.scanning protects all of it.
type limits struct {
	at  time.Time     // of the last scan
	cpu time.Duration // the processor time of the process then
	// processor replaces processorTime in tests.
	processor func() (d time.Duration, known bool)
	pause     time.Duration // for which the timer of the next scan was set
	waits     map[*Goroutine]waitAge
	holds     map[holdKey]holdAge
	// reported are the waits that a finding was about.
	reported map[*Goroutine]uint64
}

// waitAge is for how long a wait was seen to last.
type waitAge struct {
	g      *Goroutine
	turn   uint64
	lasted time.Duration
}

// holdAge is for how long a goroutine was seen to have a lock for which one waited.
type holdAge struct {
	waitAge
	holder *Goroutine
}

// holdKey is a lock in the hands of a goroutine.
type holdKey struct {
	lock   *description
	holder uint64
}

const (
	// lateness is what a scan may come late beyond the pause that was set, and as much again.
	lateness = 100 * time.Millisecond
	// scansPerLimit is the number of scans within a limit.
	scansPerLimit = 8
)

// least returns the shorter limit of the options, 0 if there is none.
func least(o *policy.Options) (d time.Duration) {
	for _, one := range [...]time.Duration{o.HoldLimit, o.WaitLimit} {
		if one > 0 && (d == 0 || one < d) {
			d = one
		}
	}
	return d
}

// advance counts the time since the last scan: all of it, and what the processors worked.
func (l *limits) advance(now time.Time) (passed, worked time.Duration) {
	cpu, known := l.processorTime()
	if !l.at.IsZero() {
		passed = max(0, min(now.Sub(l.at), 2*(l.pause+lateness)))
	}
	worked = passed
	if known {
		worked = min(passed, cpu-l.cpu)
	}
	l.at, l.cpu = now, cpu
	return passed, worked
}

func (l *limits) processorTime() (d time.Duration, known bool) {
	if l.processor != nil {
		return l.processor()
	}
	return cputime.Used()
}

// overLimits returns what is to be said of locks that goroutines have waited for too long.
func (sc *scanner) overLimits(waits []reading, now time.Time) (found []finding.Finding) {
	l, o := &sc.limits, std.sink.Options()
	passed, worked := l.advance(now)
	locks := make(map[*lockRecord]*contention)
	for i := range waits {
		if s := &waits[i]; s.lock != nil {
			c := locks[s.lock]
			if c == nil {
				c = &contention{passed: passed}
				locks[s.lock] = c
			}
			c.waits = append(c.waits, s)
		}
	}
	if len(locks) == 0 {
		l.waits, l.holds, l.reported = nil, nil, nil
		return nil
	}
	var running []reading
	for _, g := range std.states.all() {
		s, ok := g.readRunning()
		if ok && slices.ContainsFunc(s.holds, func(h hold) bool { return locks[h.lock] != nil }) {
			running = append(running, s)
		}
	}
	all := slices.Concat(waits, running)
	for i := range all {
		s := &all[i]
		for k := range s.holds {
			if c := locks[s.holds[k].lock]; c != nil && s.holds[k].isValid() {
				c.holders = append(c.holders, s)
			}
		}
	}
	if oldest := l.age(locks, worked); least(o) == 0 || oldest < least(o) {
		return nil
	}
	return sc.judgeLimits(all, o, now)
}

// contention is a lock that goroutines wait for.
type contention struct {
	waits, holders []*reading
	passed         time.Duration // the time that counts
}

// age adds the time that counts to the waits, and to the holds for as long as one waiter is
// the same. It returns the age of the oldest wait.
func (l *limits) age(locks map[*lockRecord]*contention, worked time.Duration) (most time.Duration) {
	waits, holds := make(map[*Goroutine]waitAge), make(map[holdKey]holdAge)
	for _, c := range locks {
		if slices.ContainsFunc(c.holders, isRunning) {
			c.passed = min(c.passed, worked)
		}
		var oldest waitAge
		for _, s := range c.waits {
			age := waitAge{s.g, s.turn, 0}
			if before, known := l.waits[s.g]; known && before.turn == s.turn {
				age.lasted = before.lasted + c.passed
			}
			waits[s.g] = age
			if oldest.g == nil || oldest.lasted < age.lasted {
				oldest = age
			}
		}
		most = max(most, oldest.lasted)
		for _, s := range c.holders {
			key := holdKey{c.waits[0].lock.description, s.id}
			age := waitAge{oldest.g, oldest.turn, 0}
			if before, known := l.holds[key]; known && waits[before.g].turn == before.turn {
				age = waitAge{before.g, before.turn, before.lasted + c.passed}
			}
			holds[key] = holdAge{age, s.g}
		}
	}
	l.waits, l.holds = waits, holds
	return most
}

// isRunning reports whether the goroutine of a reading is known to run, or to wait for a
// processor only.
func isRunning(s *reading) bool { return !gid.IsWaiting(s.g.g, s.id) }

// judgeLimits has the court judge the waits for locks, and the goroutines that hold locks.
func (sc *scanner) judgeLimits(all []reading, o *policy.Options, now time.Time) (found []finding.Finding) {
	if sc.takeCensus() == nil {
		return nil
	}
	l := &look{scanner: sc, waitables: make(map[judge.Object]*waitable)}
	look := &limit.Look{HoldLimit: o.HoldLimit, WaitLimit: o.WaitLimit}
	var waits []*reading
	for i := range all {
		s := &all[i]
		if s.lock == nil && len(s.holds) == 0 {
			continue
		}
		look.Goroutines = append(look.Goroutines, l.limited(s, now))
		waits = append(waits, s)
	}
	if sc.limits.reported == nil {
		sc.limits.reported = make(map[*Goroutine]uint64)
	}
	for _, v := range limit.Judge(look) {
		if s := waits[v.Waiter]; sc.limits.reported[s.g] != s.turn && s.isStill() {
			sc.limits.reported[s.g] = s.turn
			found = append(found, v.Finding)
		}
	}
	return found
}

// limited is a goroutine as the court of limits sees it.
func (l *look) limited(s *reading, now time.Time) limit.Goroutine {
	at := l.census.byID[s.id]
	isBlocked := s.turn%2 == 1
	if !isBlocked && at != nil && isParked(at.State) {
		s.unseen = at
	}
	g := limit.Goroutine{Hung: isBlocked && (l.isReported(s) || l.isHung(s))}
	if at != nil {
		g.State, g.Now = at.State, judge.Frames(at.Stack)
		if isActive(g.State) {
			g.State = "running"
		}
	}
	if isBlocked || s.unseen != nil {
		g.Goroutine = l.goroutine(s, now)
	} else {
		g.Goroutine = l.plain(s)
	}
	if age, known := l.limits.waits[s.g]; known && isBlocked {
		g.Wait.Lasted = age.lasted
	}
	for i := range g.Holds {
		h := &g.Holds[i]
		h.Lasted = max(l.limits.holds[holdKey{h.Lock.(*description), s.id}].lasted, 1)
	}
	return g
}

// isWatched reports whether a wait for a lock may still go over a limit.
func (l *limits) isWatched(waits []reading) bool {
	for i := range waits {
		if s := &waits[i]; s.lock != nil && l.reported[s.g] != s.turn {
			return true
		}
	}
	return false
}
