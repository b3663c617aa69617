package race

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Lock is a lock that a goroutine held.
type Lock struct {
	// Object distinguishes locks: equal ones are one lock.
	Object   any
	Resource finding.Resource
	Mode     finding.Mode
	Stack    finding.Stack // where it was acquired
}

// Access is one side of a race.
type Access struct {
	// Goroutine is who it was: its id, test, stack and so on, without state and holds.
	Goroutine     finding.Goroutine
	Write, Atomic bool
	// Locks are what it held, if that is known.
	Locks      []Lock
	LocksKnown bool
}

// Race is two accesses that nothing orders.
type Race struct {
	Variable       finding.Resource
	Later, Earlier Access
	// Count is how often they were seen; 0 means once.
	Count int64
}

// Finding returns the diagnosis.
func (r Race) Finding() finding.Finding {
	f := finding.Finding{
		Rule: finding.RuleDataRace, Certainty: finding.Observed, Severity: finding.Error,
		Title: fmt.Sprintf("%s %s what %s %s, without synchronization",
			r.Later.place(), r.Later.verb("writes", "reads"), r.Earlier.place(), r.Earlier.verb("wrote", "read")),
		Resources: []finding.Resource{r.Variable},
		Count:     max(r.Count, 1),
	}
	f.Goroutines = []finding.Goroutine{
		r.Later.goroutine(&f, r.Later.verb("writes", "reads")), r.Earlier.goroutine(&f, r.Earlier.verb("wrote", "read")),
	}
	f.Detail, f.Fix = r.advice()
	// The order in which the two met is luck; a report must not depend on it.
	slices.SortStableFunc(f.Goroutines, func(a, b finding.Goroutine) int {
		x, y := a.Stack.User(), b.Stack.User()
		return cmp.Or(cmp.Compare(x.Func, y.Func), cmp.Compare(x.Line, y.Line))
	})
	return f
}

func (a *Access) verb(write, read string) string {
	if a.Write {
		return write
	}
	return read
}

// place names the user's line, or says that it is lost.
func (a *Access) place() string {
	if len(a.Goroutine.Stack) == 0 {
		return "an access whose stack the detector lost"
	}
	return a.Goroutine.Stack.User().String()
}

// goroutine is how the finding shows it; the locks that it held become resources.
func (a *Access) goroutine(f *finding.Finding, state string) finding.Goroutine {
	g := a.Goroutine
	if g.State = state; a.Atomic {
		g.State += " atomically"
	}
	for _, l := range a.Locks {
		i := slices.IndexFunc(f.Resources, func(have finding.Resource) bool {
			return have.Address == l.Resource.Address && have.Kind == l.Resource.Kind
		})
		if i < 0 {
			i = len(f.Resources)
			f.Resources = append(f.Resources, l.Resource)
		}
		g.Holds = append(g.Holds, finding.Hold{Resource: i, Mode: l.Mode, Stack: l.Stack})
	}
	return g
}
