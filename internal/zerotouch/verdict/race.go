package verdict

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/race"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// races returns the findings of accesses that nothing orders.
func (s *scene) races() (all []past) {
	for i := range s.Races {
		r := &s.Races[i]
		f := race.Race{
			Variable: finding.Resource{Kind: finding.Variable, Name: s.variable(r), Address: r.Addr},
			Later:    s.access(&r.Later), Earlier: s.access(&r.Earlier), Count: r.Count,
		}.Finding()
		all = append(all, past{Finding: f, tests: testsOfRace(r)})
	}
	return all
}

func testsOfRace(r *tape.Race) []string {
	tests := one(r.Later.Test)
	if t := r.Earlier.Test; t != "" && t != r.Later.Test {
		tests = append(tests, t)
	}
	return tests
}

// variable is what the source calls what was accessed.
func (s *scene) variable(r *tape.Race) string {
	write, other := &r.Later, &r.Earlier
	if !write.Write {
		write, other = other, write
	}
	if len(write.Stack) == 0 || len(other.Stack) == 0 {
		return ""
	}
	return s.namer.VariableName(write.Stack[0], other.Stack[0])
}

func (s *scene) access(a *tape.Access) race.Access {
	g := finding.Goroutine{ID: a.Goroutine, Stack: a.Stack.Trim(), Created: judge.Created(a.Created), Test: a.Test}
	if a.Goroutine == mainGoroutine {
		g.Name = "main"
	}
	out := race.Access{Goroutine: g, Write: a.Write, Atomic: a.Atomic, LocksKnown: a.HeldKnown && a.More == 0}
	for _, h := range a.Held {
		mode := judge.ModeOf(h.Mode)
		out.Locks = append(out.Locks, race.Lock{
			Object: h.Object.Addr, Resource: s.object(h.Object).Resource(mode, h.Stack), Mode: mode, Stack: h.Stack.Trim(),
		})
	}
	return out
}

// mainGoroutine is the id of the goroutine that runs main.
const mainGoroutine = 1
