package verdict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// collectorLooked is why a leak is proven.
const collectorLooked = "The collector has looked: nothing that could still run leads to what they wait for."

// shownGoroutines bounds the examples of a leak: they look alike.
const shownGoroutines = 3

// leak is the goroutines started at one place that wait at one line after the test or the
// program that started them was over.
type leak struct {
	members []*tape.Goroutine
	tests   []string
}

// leaks returns the goroutines that were left behind, but for those in told: of tests
// that have ended and of a program that has.
func (s *scene) leaks(told map[uint64]bool) []past {
	v := newView(s, byFamily, 0)
	lost := make(map[uint64]bool)
	for _, k := range v.knots() {
		for _, g := range slices.Concat(k.members, k.victims) {
			lost[g.ID] = true
		}
	}
	type place struct{ creator, waits finding.Frame }
	groups := make(map[place]*leak)
	var order []*leak
	for _, g := range v.settled {
		if told[g.ID] || !lost[g.ID] && !g.Leaked || !s.isLeft(g) {
			continue
		}
		at := place{creatorOf(g.Created), g.Wait.Stack.Site()}
		l := groups[at]
		if l == nil {
			l = new(leak)
			groups[at] = l
			order = append(order, l)
		}
		l.members = append(l.members, g)
		if g.Test != "" && !slices.Contains(l.tests, g.Test) {
			l.tests = append(l.tests, g.Test)
		}
	}
	var found []past
	for _, l := range order {
		if f, ok := s.leak(l); ok {
			found = append(found, past{f, l.tests})
		}
	}
	return found
}

// isLeft reports whether a goroutine that waits belongs to something that is over: a
// test that ended while it waited already, or the program. The main goroutine, package
// testing's and those that the standard library keeps for itself are none.
func (s *scene) isLeft(g *tape.Goroutine) bool {
	if g.ID == mainID || isTesting(g) || len(g.Wait.Stack) == 0 || g.Created.Site().IsStandard() || len(g.Created) == 0 {
		return false
	}
	if g.Leaked && s.End != tape.Exited {
		return s.End != tape.Running
	}
	if g.Test == "" {
		return s.End == tape.Exited && len(s.Tests) == 0 && (g.Leaked || s.waited(g) >= int64(DefaultSelfWait))
	}
	t := s.tests[family(g.Test)]
	return g.Leaked || t != nil && t.End != 0 && g.Wait.Since <= t.End
}

// sure says how certain it is that a goroutine which was left behind never goes on. One
// that waits to be sent something may be a worker that a later test would use.
func (s *scene) sure(g *tape.Goroutine) finding.Certainty {
	w := g.Wait
	only := func(side tape.Side) bool {
		return !slices.ContainsFunc(w.Cases, func(c tape.Case) bool { return c.Side != side })
	}
	switch {
	case g.Leaked:
		return finding.Proven
	case len(w.Cases) == 0, s.justOver(g):
	case slices.ContainsFunc(w.Cases, func(c tape.Case) bool { return c.MoreUses }):
	case isLock(w.Kind), only(tape.Send), w.Kind == tape.WaitGroup && s.ever(w.Cases[0]):
		return finding.Potential
	}
	return finding.Suspected
}

// doubt is 0 for a goroutine that the collector has proven lost, 1 for others.
func doubt(g *tape.Goroutine) int {
	if g.Leaked {
		return 0
	}
	return 1
}

// wakeNanos is how long a goroutine that was woken may take to run and to say so.
const wakeNanos = 2_000_000

// justOver reports whether the test of a goroutine ended a moment before the process: its
// last act may have been to end the wait.
func (s *scene) justOver(g *tape.Goroutine) bool {
	t := s.tests[g.Test]
	return t != nil && t.End != 0 && s.Now-t.End < wakeNanos
}

// mayBeIdle reports whether a goroutine waits as workers do that have nothing to do: to be
// sent something, or for a signal that there is something.
func mayBeIdle(g *tape.Goroutine) bool { return isIdle(g) || g.Wait.Kind == tape.Cond }

// areOver reports whether tests have ended, and there are any.
func (s *scene) areOver(tests []string) bool {
	return len(tests) > 0 && !slices.ContainsFunc(tests, func(name string) bool {
		t := s.tests[family(name)]
		return t == nil || t.End == 0
	})
}

// leak is the diagnosis; false for workers of a program that ended, which may well be
// idle then.
func (s *scene) leak(l *leak) (finding.Finding, bool) {
	slices.SortFunc(l.members, func(a, b *tape.Goroutine) int {
		return cmp.Or(cmp.Compare(doubt(a), doubt(b)), cmp.Compare(a.Wait.Since, b.Wait.Since), cmp.Compare(a.ID, b.ID))
	})
	oldest := l.members[0]
	idle := mayBeIdle(oldest) && !oldest.Leaked
	if oldest.Test == "" && idle {
		return finding.Finding{}, false
	}
	c := &cast{scene: s}
	c.waitsFor(oldest.Wait)
	kind, mode := c.list[0].Kind, waitMode(oldest.Wait)
	f := finding.Finding{
		Rule: finding.RuleGoroutineLeak, Certainty: s.sure(oldest), Severity: finding.Warning,
		Resources: c.list,
		Places:    []finding.Place{{Role: "blocked here", Stack: oldest.Wait.Stack.Trim()}},
		Measures: []finding.Measure{
			finding.Number("goroutines", len(l.members)), finding.Duration("oldest age", s.waited(oldest)),
		},
		Count: int64(len(l.members)),
	}
	if idle {
		f.Severity = finding.Info
	}
	if len(oldest.Created) > 0 {
		f.Places = append(f.Places, finding.Place{Role: "created here", Stack: oldest.Created.Trim()})
	}
	over := "the program was over"
	switch {
	case s.End != tape.Exited && !s.areOver(l.tests):
		over = "the process ended"
	case len(l.tests) > 0:
		over = "its test was over"
	}
	need := wording.Need(kind, mode)
	f.Title = fmt.Sprintf("a goroutine still waits for a %s in %s when %s", need, oldest.Wait.Stack.User(), over)
	if n := len(l.members); n > 1 {
		f.Title = fmt.Sprintf("%d goroutines still wait for a %s in %s when %s", n, need, oldest.Wait.Stack.User(), over)
	}
	f.Detail = "Nobody is left of the test or the program who ever did what would end the wait, or who could still do it."
	if oldest.Leaked {
		f.Detail = collectorLooked
	}
	if idle {
		f.Detail += " It may be meant: a worker that stays for whoever comes next waits like that."
	}
	f.Fix = wording.StuckFix(kind, mode)
	if wording.IsLock(kind) {
		f.Fix = "somebody holds the lock for ever: find the path that returns without Unlock, or the cycle that it is part of"
	}
	for _, g := range l.members[:min(len(l.members), shownGoroutines)] {
		f.Goroutines = append(f.Goroutines, finding.Goroutine{
			ID: g.ID, State: fmt.Sprintf("%s for %s", mode, finding.FormatDuration(s.waited(g))),
		})
	}
	return f, true
}
