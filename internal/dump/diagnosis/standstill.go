package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	court "github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// standstill reports the tests, or the program, of which all goroutines wait and none can
// wake another: after a time-out, or where nothing in the process can move by itself.
func (j *judging) standstill() {
	still := j.standsStill()
	if !still && !j.timedOut() {
		return
	}
	families := j.families(still)
	strays := slices.ContainsFunc(families, func(f *family) bool { return f.test == "" && slices.ContainsFunc(f.members, j.moves) })
	for _, f := range families {
		if j.timedOut() && f.test == "" && len(j.Tests) > 0 {
			continue // what other tests have left behind, or children of this one
		}
		j.familyStandstill(f, still, strays)
	}
}

// moves reports whether the goroutine goes on by itself.
func (j *judging) moves(i int) bool { return j.stands[i] == moving || j.stands[i] == listening }

func (j *judging) familyStandstill(f *family, still, moves bool) {
	var waiting, explained []int
	for _, i := range f.members {
		switch {
		case j.why[i] >= 0:
			explained = append(explained, i)
		case j.stands[i] == blocked:
			waiting = append(waiting, i)
		case j.stands[i] == moving && j.brief[i] == never && !j.goroutines[i].sleeps():
			return // it works, or waits for the network or the system
		default:
			moves = true
		}
	}
	switch {
	case len(waiting) == 0, !j.timedOut() && f.test == "" && onlyMain(j, waiting):
	case len(explained) > 0: // they hang because of those
		for _, i := range waiting {
			j.why[i] = j.why[explained[0]]
		}
		j.countVictims(j.why[explained[0]], len(waiting))
	case f.test == "" && !moves, j.testHangs(f, moves):
		j.reportStandstill(f, waiting, still)
	}
}

// testHangs reports whether the goroutine that runs the test is among those that cannot go
// on. Where others of its goroutines go on, the source must show that they do nothing for it.
func (j *judging) testHangs(f *family, moves bool) bool {
	stuck := j.stuck()
	for _, i := range f.members {
		if !j.goroutines[i].runsTest() || !stuck[i] {
			continue
		}
		if g := &j.goroutines[i]; !moves || g.isNil() || g.hasNoCases() || j.isAlone(i) {
			return true
		}
	}
	return false
}

// isAlone reports whether the goroutine waits on channels that its function made and gave
// away to none, and no goroutine is in it or its literals that could do the other side.
func (j *judging) isAlone(i int) bool {
	g := &j.goroutines[i]
	facts, known := j.facts(g, g.site())
	return known && j.needs[i] == nil && len(facts.Cases) > 0 && len(j.partnersOf(i).all) == 0 &&
		!slices.ContainsFunc(facts.Cases, func(c lockset.Case) bool { return !c.Own })
}

// hasNoCases reports whether it waits in a select without cases, for ever.
func (g *goroutine) hasNoCases() bool { return strings.Contains(g.State, "no cases") }

// sleeps reports whether it is in time.Sleep, or just woken there.
func (g *goroutine) sleeps() bool {
	return g.role == profile.Sleep || len(g.Stack) > 0 && g.Stack[0].Func == "time.Sleep"
}

// reportStandstill reports goroutines that wait for each other, or for none.
func (j *judging) reportStandstill(f *family, waiting []int, still bool) {
	out := finding.Finding{Rule: finding.RuleStuck, Certainty: finding.Suspected, Severity: finding.Error, Count: 1}
	if still && j.timedOut() && j.isCertain(waiting) {
		out.Certainty = finding.Potential
	}
	waiting = j.rootFirst(waiting)
	for n, i := range waiting[:min(len(waiting), shownAsleep)] {
		out.Resources = append(out.Resources, j.awaited(i))
		out.Goroutines = append(out.Goroutines, j.waiter(i, n))
	}
	n := len(waiting)
	first := out.Goroutines[0]
	who := "the program"
	if f.test != "" {
		who = f.test
	}
	if n == 1 {
		out.Title = fmt.Sprintf("%s waits %s, and no other goroutine of %s is there to end the wait",
			first.Wait.Stack.User(), j.awaitsAt(waiting[0], out.Resources[0]), who)
		out.Fix = hang.Fix(out.Resources[0].Kind, first.Wait.Mode)
	} else {
		if still && j.timedOut() {
			out.Rule = finding.RuleDeadlock
		}
		out.Title = fmt.Sprintf("all %d goroutines of %s wait and none seems able to wake another, at %s", n, who, court.Sites(out.Goroutines))
		out.Fix = "find the wait that should end first: a send that no goroutine receives, a channel that no goroutine closes, a Done that a path skips"
	}
	if n > len(out.Goroutines) {
		out.Detail = fmt.Sprintf("%d more goroutines wait beside those shown.", n-len(out.Goroutines))
	}
	if !still {
		out.Detail = joinLines(out.Detail, "Other goroutines of the process can still run; nothing shows that they would end these waits.")
	}
	out.Evidence = j.evidence("%s", j.endText())
	j.add(out, waiting)
}

// endText says why the dump was written.
func (j *judging) endText() string {
	if j.Cause == "" {
		return "nothing in the process can move by itself"
	}
	return j.Cause
}

// isCertain reports whether no timer, context or signal is known to be able to end one of
// the waits, or to run what does. No test waits for a timer as long as longMinutes.
func (j *judging) isCertain(waiting []int) bool {
	return !j.signals && !slices.ContainsFunc(waiting, func(i int) bool {
		return j.brief[i] != never || j.goroutines[i].Minutes < longMinutes && j.mayBeTimed(i)
	})
}

// onlyMain reports whether main alone waits: it may, for timers that run functions.
func onlyMain(j *judging, waiting []int) bool {
	return len(waiting) == 1 && j.goroutines[waiting[0]].isMain()
}

// rootFirst puts those first that no other goroutine is known to be able to help: the
// goroutines that wait for wait groups come after those that owe them a Done.
func (j *judging) rootFirst(waiting []int) []int {
	out := slices.Clone(waiting)
	rank := func(i int) int {
		if n := j.needs[i]; n != nil && len(n.holds) > 0 {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b int) int { return rank(a) - rank(b) })
	return out
}

func (j *judging) awaitsAt(i int, r finding.Resource) string {
	return awaits(r, j.modeOf(i), j.goroutines[i].State)
}

func joinLines(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}
