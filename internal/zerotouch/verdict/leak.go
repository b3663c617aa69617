package verdict

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/judge/leak"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// leaks returns the goroutines that were left behind, but for those in reported: of tests
// that have ended and of a program that has.
func (s *scene) leaks(reported map[uint64]bool) (found []past) {
	look := s.look(true, 0)
	about := make([]leak.Goroutine, len(look.Goroutines))
	for i := range look.Goroutines {
		if g := s.living[look.Goroutines[i].ID]; look.Goroutines[i].Wait != nil && !reported[g.ID] {
			about[i] = leak.Goroutine{Left: s.left(g), Doubtful: s.justOver(g)}
		}
	}
	for _, l := range leak.Judge(look, about) {
		members := s.members(look, l.Members)
		s.nameTests(&l.Finding)
		found = append(found, past{l.Finding, testsIn(members), members})
	}
	return found
}

// members returns goroutines of a look.
func (s *scene) members(l *hang.Look, indexes []int) (all []*tape.Goroutine) {
	for _, i := range indexes {
		all = append(all, s.living[l.Goroutines[i].ID])
	}
	return all
}

// left reports whether a goroutine that waits belongs to something that is over: a test
// that ended while it waited already, or the program. The main goroutine, package
// testing's and those that the standard library keeps for itself are none.
func (s *scene) left(g *tape.Goroutine) leak.Left {
	if g.ID == mainID || isTesting(g) || len(g.Wait.Stack) == 0 || g.Created.Site().IsStandard() || len(g.Created) == 0 {
		return leak.No
	}
	t := s.tests[family(g.Test)]
	isOver := t != nil && t.End != 0
	switch {
	case g.Leaked && s.End == tape.Running:
		return leak.No
	case g.Leaked && s.End != tape.Exited && !isOver:
		return leak.ByProcess
	case g.Test == "":
		if s.End == tape.Exited && len(s.Tests) == 0 && (g.Leaked || s.waited(g) >= int64(DefaultSelfWait)) {
			return leak.ByProgram
		}
	case g.Leaked, isOver && g.Wait.Since <= t.End:
		return leak.ByTest
	}
	return leak.No
}

// allLeft reports whether all were left behind by what came to its end, which makes them
// leaks.
func (s *scene) allLeft(members []*tape.Goroutine) bool {
	return !slices.ContainsFunc(members, func(g *tape.Goroutine) bool {
		left := s.left(g)
		return left != leak.ByTest && left != leak.ByProgram
	})
}

// wakeTime is how long a goroutine that was woken may take to run and to say so.
const wakeTime = 2 * time.Millisecond

// justOver reports whether the test of a goroutine ended a moment before the process: its
// last act may have been to end the wait.
func (s *scene) justOver(g *tape.Goroutine) bool {
	t := s.tests[g.Test]
	return t != nil && t.End != 0 && s.Now-t.End < int64(wakeTime)
}
