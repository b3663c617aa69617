package verdict

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/zerotouch/tape"
)

// maxGenerations is how far up ancestors are followed.
const maxGenerations = 16

// apart reports whether the program or its tests keep two requests from being made at
// the same time, for all that is known of when each was made first. A tape has the
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
		if s.awaited(a, id, at) || s.closed(a, id, at) {
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

// awaited reports whether the goroutine with the id waited, before a time, for a wait
// group that the goroutine of a was done with after it had made a.
func (s *scene) awaited(a *tape.Dependency, id uint64, before int64) bool {
	for _, done := range s.dones[a.Goroutine] {
		for _, await := range s.awaits[keyOf(done.Object)] {
			if await.Goroutine == id && await.Time != 0 && a.Time <= done.Time && done.Time < before && await.Time < before {
				return true
			}
		}
	}
	return false
}

// closed reports whether the goroutine with the id found a channel closed, before a time,
// that the goroutine of a had closed after it had made a, and has ended since: who closes
// a channel says by it that something is over. Tests do so to have one thing after the
// other that the program does at any time: theirs do not count.
func (s *scene) closed(a *tape.Dependency, id uint64, before int64) bool {
	if s.living[a.Goroutine] != nil {
		return false
	}
	for _, closing := range s.closings[a.Goroutine] {
		for _, saw := range s.saw[keyOf(closing.Object)] {
			if inTest(closing.Stack) || inTest(saw.Stack) {
				continue
			}
			if saw.Goroutine == id && a.Time <= closing.Time && closing.Time < before && saw.Time < before {
				return true
			}
		}
	}
	return false
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
