package leak

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// Left says whether a goroutine was left behind.
type Left uint8

const (
	// No: what started it goes on.
	No Left = iota
	// ByTest: its test has ended.
	ByTest
	// ByProgram: the program has come to its end.
	ByProgram
	// ByProcess: the process has ended in another way, or was ended.
	ByProcess
)

// Goroutine says of a goroutine of a look what the look does not.
type Goroutine struct {
	Left Left
	// Doubtful says that what started it ended only a moment ago: the last thing that was
	// done may have ended the wait.
	Doubtful bool
}

// Leak is the goroutines started at one place that wait at one line.
type Leak struct {
	finding.Finding
	// Members are indexes of the look's goroutines.
	Members []int
}

// shownGoroutines bounds the examples of a leak: they look alike.
const shownGoroutines = 3

// Judge returns the leaks among the goroutines of a look; about has one element for each.
func Judge(l *hang.Look, about []Goroutine) (leaks []Leak) {
	type place struct{ creator, waits finding.Frame }
	groups := make(map[place]int)
	stuck := hang.Stuck(l)
	var all []*group
	for i := range l.Goroutines {
		g := &l.Goroutines[i]
		if g.Wait == nil || about[i].Left == No || !stuck[i] && g.Proof != hang.Unreachable {
			continue
		}
		at := place{judge.Created(judge.Expand(g.Created)), judge.Expand(g.Wait.Stack).Site()}
		n, known := groups[at]
		if !known {
			n = len(all)
			groups[at] = n
			all = append(all, &group{look: l, about: about})
		}
		all[n].members = append(all[n].members, i)
	}
	for _, g := range all {
		if g.isLeak() {
			leaks = append(leaks, Leak{g.finding(), g.members})
		}
	}
	return leaks
}

// group is goroutines that look alike.
type group struct {
	look    *hang.Look
	about   []Goroutine
	members []int
}

func (g *group) at(i int) *hang.Goroutine { return &g.look.Goroutines[g.members[i]] }

// first is the goroutine that stands for the others: a proven one before others, then
// the one that has waited longest.
func (g *group) first() *hang.Goroutine { return g.at(0) }

// isLeak sorts the members, and reports false for workers of a program that has ended,
// which may well be idle then.
func (g *group) isLeak() bool {
	slices.SortFunc(g.members, func(i, j int) int {
		a, b := &g.look.Goroutines[i], &g.look.Goroutines[j]
		return cmp.Or(cmp.Compare(b.Proof, a.Proof), cmp.Compare(b.Wait.Lasted, a.Wait.Lasted), cmp.Compare(a.ID, b.ID))
	})
	return g.about[g.members[0]].Left == ByTest || !g.mayBeIdle()
}

// mayBeIdle reports whether they wait as workers do that have nothing to do: to be sent
// something, or for a signal that there is something.
func (g *group) mayBeIdle() bool {
	w := g.first().Wait
	return g.first().Proof != hang.Unreachable && (w.IsReceive() || w.Mode == finding.Await && !w.Join)
}

// certainty is that of the first.
func (g *group) certainty() finding.Certainty {
	w := g.first().Wait
	only := func(m finding.Mode) bool {
		return !slices.ContainsFunc(w.Cases, func(c hang.Case) bool { return c.Mode != m })
	}
	switch {
	case g.first().Proof == hang.Unreachable:
		return finding.Proven
	case len(w.Cases) == 0, g.about[g.members[0]].Doubtful, g.anyUsers(w, func(u hang.Users) bool { return u.More }):
	case w.IsLock(), only(finding.Send), w.Join && g.anyUsers(w, func(u hang.Users) bool { return u.Ever }):
		return finding.Potential
	}
	return finding.Suspected
}

func (g *group) anyUsers(w *hang.Wait, fits func(u hang.Users) bool) bool {
	return !w.IsLock() && slices.ContainsFunc(w.Cases, func(c hang.Case) bool {
		return c.Object != nil && fits(g.look.Knowledge.Users(c))
	})
}

func (g *group) finding() finding.Finding {
	var r judge.Resources
	first, n := g.first(), len(g.members)
	w := first.Wait
	at := judge.Expand(w.Stack)
	kind := r.List[w.Resources(&r)[0]].Kind
	f := finding.Finding{
		Rule: finding.RuleGoroutineLeak, Certainty: g.certainty(), Severity: finding.Warning, Resources: r.List,
		Places:   []finding.Place{{Role: "blocked here", Stack: at.Trim()}},
		Measures: []finding.Measure{finding.Number("goroutines", n), finding.Duration("oldest age", w.Lasted)},
		Count:    int64(n),
	}
	if created := judge.Expand(first.Created); len(created) > 0 {
		f.Places = append(f.Places, finding.Place{Role: "created here", Stack: created.Trim()})
	}
	f.Title = g.title(hang.Need(kind, w.Mode), at.User())
	f.Detail = "No goroutine of the test or the program is left that ever ended such a wait, or that could."
	if first.Proof == hang.Unreachable {
		f.Detail = hang.Unreached
	}
	if g.mayBeIdle() {
		f.Severity = finding.Info
		f.Detail += " This may be intended: a worker that stays for later work waits like this."
	}
	f.Fix = hang.Fix(kind, w.Mode)
	for i := range min(n, shownGoroutines) {
		one := g.at(i)
		f.Goroutines = append(f.Goroutines, finding.Goroutine{
			ID: one.ID, State: fmt.Sprintf("%s for %s", w.Mode, finding.FormatDuration(one.Wait.Lasted)),
		})
	}
	return f
}

var ends = [...]string{ByTest: "its test ended", ByProgram: "the program ended", ByProcess: "the process ended"}

func (g *group) title(need string, at finding.Frame) string {
	subject, over := "a goroutine was", ends[g.about[g.members[0]].Left]
	if n := len(g.members); n > 1 {
		subject = finding.Thousands(n) + " goroutines were"
	}
	return fmt.Sprintf("%s still waiting for %s in %s when %s", subject, need, at, over)
}
