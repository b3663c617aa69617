package hang

import (
	"fmt"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// abandoned takes the waits for locks whose holders have ended.
func (j *judging) abandoned() {
	for i := range j.Goroutines {
		g := &j.Goroutines[i]
		left := j.leftTo(i)
		if left == nil || g.Reported || g.Wait.Lasted < j.leftPatience(left) && !j.Asleep && g.Proof != Unreachable {
			continue
		}
		j.add(Hang{[]int{i}, nil, func() finding.Finding { return j.abandonedFinding(g, left) }})
	}
}

// leftPatience is how long a goroutine has to wait for a lock that was left behind. One that
// was given away may have been given on.
func (j *judging) leftPatience(l *Left) time.Duration {
	if l.Given {
		return lonePatience * j.Enough
	}
	return j.Enough
}

// abandonedFinding is potential, since another goroutine could release the lock, unless it is
// known that none can.
func (j *judging) abandonedFinding(g *Goroutine, left *Left) finding.Finding {
	var w writer
	f := finding.Finding{Rule: finding.RuleAbandonedLock, Certainty: finding.Potential, Severity: finding.Error, Detail: onlyAnother}
	switch {
	case j.Asleep:
		f.Certainty, f.Detail = finding.Observed, allAsleep
	case g.Proof == Unreachable:
		f.Certainty, f.Detail = finding.Proven, Unreached
	}
	waits := w.goroutine(g)
	gone := finding.Goroutine{
		ID: left.By, State: "ended", Created: judge.Created(judge.Expand(left.Created)), Holds: []finding.Hold{w.Hold(&left.Hold)},
	}
	never := "never released before it ended"
	if left.Given {
		gone.State, never = "gave the lock away", "gave to one that ended without releasing it"
		if f.Certainty == finding.Potential && j.mayBeGivenOn() {
			f.Certainty, f.Severity = finding.Suspected, finding.Warning
		}
	}
	f.Goroutines, f.Resources = []finding.Goroutine{waits, gone}, w.List
	f.Title = fmt.Sprintf("%s waits for %s that a goroutine locked at %s and %s",
		waits.Wait.Stack.User(), f.Resources[waits.Wait.Resource].Kind.Indefinite(), gone.Holds[0].Stack.Site(), never)
	f.Fix = f.Rule.Fix()
	return f
}

// mayBeGivenOn reports whether a goroutine may have the lock which was started by one that has
// ended, such as the one that was given it.
func (j *judging) mayBeGivenOn() bool {
	c := j.Knowledge.Census()
	if c == nil || !c.Complete {
		return true
	}
	for id := range c.Living {
		if c.descent(id, nil) == fromUnknown {
			return true
		}
	}
	return false
}

// copied takes the waits for locks that are locked and that no goroutine has locked: a
// lock is born like that where it is the copy of a locked one.
//
// A goroutine says that it acquires a lock, and that it releases one; a release wakes a
// waiter. So if no goroutine is known to hold a lock, and none of its waiters was ever
// woken, then no goroutine held it when the first of them came. All that must be known
// for certain: with one record less, the holder may be anywhere.
func (j *judging) copied() {
	if !j.AllHolds {
		return
	}
	for i := range j.Goroutines {
		g := &j.Goroutines[i]
		if g.Wait == nil || g.Reported {
			continue
		}
		lock, ok := g.Wait.lock()
		waiters := j.waiters[lock]
		// Each lock comes once, with the goroutine that has waited longest.
		if ok && waiters[0] == i && j.isCopy(lock, waiters) {
			j.add(Hang{waiters, nil, func() finding.Finding { return j.copiedFinding(waiters) }})
		}
	}
}

// isCopy reports whether no goroutine has locked the lock that all of them wait for.
func (j *judging) isCopy(lock judge.Object, waiters []int) bool {
	oldest := j.Goroutines[waiters[0]].Wait
	if len(j.holders[lock]) > 0 || oldest.Unowned || slices.ContainsFunc(j.Left, func(l Left) bool { return l.Hold.Lock == lock }) {
		return false
	}
	// Where all are asleep, none that was woken is on its way.
	return j.Asleep || oldest.Lasted >= j.Enough &&
		!slices.ContainsFunc(waiters, func(i int) bool { return j.Goroutines[i].Wait.Woken })
}

// copiedCertainty is more than potential only where no goroutine can unlock the lock any
// more: some program may copy a locked lock to unlock the copy later.
func (j *judging) copiedCertainty(waiters []int) finding.Certainty {
	switch {
	case j.Asleep:
		return finding.Observed
	case !slices.ContainsFunc(waiters, func(i int) bool { return j.Goroutines[i].Proof != Unreachable }):
		return finding.Proven
	}
	return finding.Potential
}

func (j *judging) copiedFinding(waiters []int) finding.Finding {
	var w writer
	f := finding.Finding{Rule: finding.RuleLockCopied, Certainty: j.copiedCertainty(waiters), Severity: finding.Error}
	waits := w.goroutine(&j.Goroutines[waiters[0]])
	f.Goroutines, f.Resources = []finding.Goroutine{waits}, w.List
	f.Title = fmt.Sprintf("%s waits for a locked %s that no goroutine has locked", waits.Wait.Stack.User(), f.Resources[waits.Wait.Resource].Kind.Noun())
	f.Detail = "It must be a copy of a lock that was locked when its struct was copied. The copy stays locked: Unlock of the original does not unlock it."
	f.Fix = f.Rule.Fix()
	if n := len(waiters) - 1; n > 0 {
		f.Measures = append(f.Measures, finding.Number("goroutines that hang with them", n))
	}
	return f
}
