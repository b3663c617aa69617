package diagnosis

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/dump"
)

// timeout is how package testing begins a panic at the end of a test's time.
const timeout = "panic: test timed out after "

// asleep reports whether the runtime found that all goroutines are asleep.
func (d *Dump) asleep() bool { return strings.HasPrefix(d.Cause, dump.Asleep) }

// timedOut reports whether the dump is of a test that did not end in time.
func (d *Dump) timedOut() bool { return strings.HasPrefix(d.Cause, timeout) }

// isStill reports whether it is known of the goroutine that it has not moved for long.
func (j *judging) isStill(i int) bool {
	return j.asleep() || j.timedOut() || j.goroutines[i].Minutes > 0 || j.opts.Still != nil && j.opts.Still(j.goroutines[i].ID)
}

// standsStill reports whether nothing in the process can move by itself, as far as the
// dump and the source show. Outside of tests the runtime would have found that itself, but
// for a timer that it knows of and the dump does not show: so only tests count, whose
// alarm is such a timer, and what has waited for long.
func (j *judging) standsStill() bool {
	inTest, all := false, true
	for i := range j.goroutines {
		switch s := j.stands[i]; {
		case s == moving, s == listening, s == blocked && j.brief[i] == may:
			return false
		case s == blocked && j.goroutines[i].isUsers():
			all = all && j.isStill(i)
		}
		inTest = inTest || j.goroutines[i].isMain() && hasCall(j.goroutines[i].Stack, []string{"testing.(*M).Run"})
	}
	return inTest || all && j.hasMain()
}

// hasMain reports whether the goroutine of main is there: without it the dump is a part of one.
func (j *judging) hasMain() bool { _, has := j.byID[dump.MainID]; return has }

// stuck returns the goroutines that can go on only if one of them does: the largest set of
// blocked goroutines of which each waits for what others of it hold, or for what no goroutine
// is known to give. A lock of which no holder is known may have one that goes on.
func (j *judging) stuck() []bool {
	stuck := make([]bool, len(j.goroutines))
	still := j.standsStill()
	for i := range stuck {
		r := j.needs[i]
		held := r != nil && len(r.holds) > 0
		hidden := r != nil && r.isLock() && !held && !r.exhausted && !still
		stuck[i] = j.stands[i] == blocked && !hidden
	}
	for changed := true; changed; {
		changed = false
		for _, r := range j.resources {
			if len(r.holds) == 0 || r.allStuck(stuck) {
				continue
			}
			for _, i := range r.waiters {
				changed = changed || stuck[i]
				stuck[i] = false
			}
		}
		for i := range j.holders() {
			if stuck[i] && j.needs[i] == nil && j.mayBeHelped(i, stuck) {
				stuck[i], changed = false, true
			}
		}
	}
	return stuck
}

// mayBeHelped reports whether the source shows a goroutine that could end the wait of this
// one on a channel, and goes on.
func (j *judging) mayBeHelped(i int, stuck []bool) bool {
	return slices.ContainsFunc(j.partnersOf(i).all, func(p partner) bool { return !stuck[p.goroutine] })
}

// holders are the goroutines whose waits matter to others: they hold a lock or a once that
// others wait for, or run a test.
func (j *judging) holders() map[int]bool {
	set := make(map[int]bool)
	for _, r := range j.resources {
		for _, h := range r.holds {
			if r.kind != finding.WaitGroup {
				set[h.goroutine] = true
			}
		}
	}
	for i := range j.goroutines {
		if j.goroutines[i].runsTest() && j.stands[i] == blocked {
			set[i] = true
		}
	}
	return set
}

// allStuck reports whether what the resource's waiters wait for cannot come: a lock comes
// if any that may hold it goes on, a wait group only if all do.
func (r *resource) allStuck(stuck []bool) bool {
	if r.kind == finding.WaitGroup {
		return slices.ContainsFunc(r.holds, func(h hold) bool { return stuck[h.goroutine] })
	}
	return !slices.ContainsFunc(r.holds, func(h hold) bool { return !stuck[h.goroutine] })
}

// explain notes that the finding with that index explains why the goroutines wait, and
// all that wait for them in turn. It returns how many the latter are.
func (j *judging) explain(index int, members []int) (victims int) {
	for _, i := range members {
		j.why[i] = index
	}
	for changed := true; changed; {
		changed = false
		for _, r := range j.resources {
			if !slices.ContainsFunc(r.holds, func(h hold) bool { return j.why[h.goroutine] == index }) &&
				!slices.ContainsFunc(r.waiters, func(i int) bool { return r.isLock() && j.why[i] == index }) {
				continue
			}
			for _, i := range r.waiters {
				if j.why[i] < 0 {
					j.why[i] = index
					victims += 1 + int(j.goroutines[i].more)
					changed = true
				}
			}
		}
	}
	return victims
}

// isExplained reports whether a finding says why the goroutines at the resource wait.
func (j *judging) isExplained(r *resource) bool {
	return slices.ContainsFunc(r.waiters, func(i int) bool { return j.why[i] >= 0 })
}
