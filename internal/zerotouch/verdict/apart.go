package verdict

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// maxGenerations is how far up ancestors are followed.
const maxGenerations = 16

// apart reports whether the program or its tests keep two requests from being made at
// the same time, as far as is known of when each was made first. A tape has the
// first time of each only, so that a cycle is never dropped for it: it is less certain.
func (s *scene) apart(a, b *tape.Dependency) bool {
	return s.comesBefore(a, b) || s.comesBefore(b, a) || s.testsApart(a.Test, b.Test) || s.outside(a, b) || s.outside(b, a)
}

// outside reports whether a is made by the goroutine that runs the tests, which does
// nothing else meanwhile, and b in a test.
func (s *scene) outside(a, b *tape.Dependency) bool {
	return len(s.Tests) > 0 && a.Goroutine == mainID && a.Test == "" && b.Test != ""
}

// comesBefore reports whether a was made before the goroutine of b was started, by the
// one that started it or one of that one's ancestors, or by one that was awaited in
// between or had closed a channel that was found closed in between.
func (s *scene) comesBefore(a, b *tape.Dependency) bool {
	id, at := b.Goroutine, b.Time
	for range maxGenerations {
		if id == a.Goroutine {
			return a.Time < at
		}
		if s.isTold(a, id, at) {
			return true
		}
		o, known := s.origins[id]
		if !known || o.parent == 0 {
			return false
		}
		id, at = o.parent, o.born
	}
	return false
}

// isTold reports whether the goroutine of a said after it had made a that something is over,
// and the one with the id learned that before a time: it waited for a wait group that the
// other was done with, or found a channel closed that the other had closed.
func (s *scene) isTold(a *tape.Dependency, id uint64, before int64) bool {
	for _, said := range s.said[a.Goroutine] {
		for _, learned := range s.learned[keyOf(said.Object)] {
			if learned.Goroutine == id && a.Time <= said.Time && said.Time < before && learned.Time < before && s.isMeant(said, learned) {
				return true
			}
		}
	}
	return false
}

// isMeant reports whether what was said is an order. A channel that a goroutine closes which
// goes on may be of one turn among many, and tests close one to have one thing after the
// other that the program does at any time: neither counts.
func (s *scene) isMeant(said, learned *tape.Use) bool {
	return said.Side == tape.Done || s.living[said.Goroutine] == nil && !inTest(said.Stack) && !inTest(learned.Stack)
}

func inTest(s finding.Stack) bool { return strings.HasSuffix(s.Site().File, "_test.go") }

// testsApart reports whether two tests ran one after the other.
func (s *scene) testsApart(a, b string) bool {
	first, second := s.tests[family(a)], s.tests[family(b)]
	if first == nil || second == nil || first == second {
		return false
	}
	over := func(x, y *tape.Test) bool { return x.End != 0 && x.End <= y.Begin }
	return over(first, second) || over(second, first)
}
