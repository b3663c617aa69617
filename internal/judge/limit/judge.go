package limit

import (
	"cmp"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Look is the goroutines that wait for locks, or hold them, at one moment. Wait.Lasted and
// Hold.Lasted leave out time in which the process was stopped.
type Look struct {
	Goroutines []Goroutine
	// HoldLimit and WaitLimit are those of the rules held-long and waited-long, 0 for none.
	HoldLimit, WaitLimit time.Duration
}

// Goroutine is one goroutine.
type Goroutine struct {
	hang.Goroutine
	// State is the runtime's word for what it does, and Now its stack; both may be empty.
	State string
	Now   judge.Stack
	// Hung says that it is part of a hang that is reported.
	Hung bool
}

// Verdict is what is to be said of a lock.
type Verdict struct {
	Finding finding.Finding
	// Waiter is the index of the goroutine that has waited longest.
	Waiter int
}

// Judge returns what is to be said of locks, in the order of the goroutines that wait.
func Judge(l *Look) (all []Verdict) {
	j := &judging{Look: l, locks: make(map[judge.Object]*contended), holders: make(map[judge.Object][]int)}
	for i := range l.Goroutines {
		j.add(i)
	}
	for _, c := range j.order {
		switch j.judge(c) {
		case heldLong:
			all = append(all, Verdict{j.held(c), c.oldest})
		case waitedLong:
			all = append(all, Verdict{j.waited(c), c.oldest})
		}
	}
	return all
}

type judging struct {
	*Look
	locks   map[judge.Object]*contended
	order   []*contended
	holders map[judge.Object][]int
}

// contended is a lock that goroutines wait for.
type contended struct {
	lock judge.Object
	// waiters are in the order in which they came, and oldest is the first of them that a
	// holder keeps out.
	waiters []int
	oldest  int
	// keeper is the goroutine that holds the lock for longest of those that keep the oldest
	// out, -1 if none is known, and hold is its hold.
	keeper int
	hold   judge.Hold
	result result
}

type result uint8

const (
	unknown result = iota
	pending        // being judged: the locks make a cycle
	short          // nothing to say
	heldLong
	waitedLong
	explained // by another finding
)

// add notes what a goroutine holds and waits for.
func (j *judging) add(i int) {
	for _, h := range j.Goroutines[i].Holds {
		j.holders[h.Lock] = append(j.holders[h.Lock], i)
	}
	w := j.Goroutines[i].Wait
	if w == nil || !w.IsLock() || len(w.Cases) == 0 {
		return
	}
	lock := w.Cases[0].Object
	c := j.locks[lock]
	if c == nil {
		c = &contended{lock: lock, keeper: -1}
		j.locks[lock] = c
		j.order = append(j.order, c)
	}
	c.waiters = append(c.waiters, i)
}

// judge decides what is to be said of a lock.
func (j *judging) judge(c *contended) result {
	switch c.result {
	case unknown:
		c.result = pending
		c.result = j.decide(c)
	case pending:
		return explained
	}
	return c.result
}

func (j *judging) decide(c *contended) result {
	j.findKeeper(c)
	oldest := &j.Goroutines[c.oldest]
	if c.keeper < 0 {
		if isLong(oldest.Wait.Lasted, j.WaitLimit) && !oldest.Hung {
			return waitedLong
		}
		return short
	}
	keeper := &j.Goroutines[c.keeper]
	held := min(c.hold.Lasted, oldest.Wait.Lasted)
	switch {
	case keeper.Hung, oldest.Hung:
		return explained
	case isLong(held, j.HoldLimit):
		if next := j.next(c.keeper); next != nil && j.judge(next) > short {
			return explained
		}
		return heldLong
	// A witness that looks from time to time knows of a hold for less long than of a wait, and
	// one that looks once may not know for how long a hold has lasted: 0.
	case isLong(oldest.Wait.Lasted, j.WaitLimit) && held < oldest.Wait.Lasted/2:
		return waitedLong
	}
	return short
}

// isLong reports whether the time is over the limit, if there is one.
func isLong(d, limit time.Duration) bool { return limit > 0 && d >= limit }

// next returns the lock that a goroutine waits for, nil if none.
func (j *judging) next(i int) *contended {
	if w := j.Goroutines[i].Wait; w != nil && w.IsLock() && len(w.Cases) > 0 {
		return j.locks[w.Cases[0].Object]
	}
	return nil
}

// findKeeper finds the goroutine that keeps the oldest waiter out.
func (j *judging) findKeeper(c *contended) {
	slices.SortStableFunc(c.waiters, func(a, b int) int {
		return cmp.Compare(j.Goroutines[b].Wait.Lasted, j.Goroutines[a].Wait.Lasted)
	})
	c.oldest = c.waiters[0]
	for _, i := range c.waiters {
		for _, k := range j.holders[c.lock] {
			if h := holdOf(&j.Goroutines[k], c.lock, j.Goroutines[i].Wait.Mode); h != nil && (c.keeper < 0 || h.Lasted > c.hold.Lasted) {
				c.oldest, c.keeper, c.hold = i, k, *h
			}
		}
		if c.keeper >= 0 {
			return
		}
	}
}

// holdOf returns the hold of the lock by which g keeps out a goroutine that asks in the mode.
func holdOf(g *Goroutine, lock judge.Object, asked finding.Mode) *judge.Hold {
	mode := lockorder.Exclusive
	if asked == finding.Shared {
		mode = lockorder.Shared
	}
	for i := range g.Holds {
		if h := &g.Holds[i]; h.Lock == lock && !h.Unowned && mode.Conflicts(h.Mode) {
			return h
		}
	}
	return nil
}
