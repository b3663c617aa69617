package wording

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// DescribeRing puts into words what is particular about a ring in which not all are
// plain locks: nobody can take a wait group or a Once in another order.
func DescribeRing(f *finding.Finding, ring []finding.Resource) {
	verb := "wait"
	if f.Certainty < finding.Observed {
		verb = "could wait"
	}
	switch {
	case isIn(ring, finding.WaitGroup):
		f.Title = fmt.Sprintf("%s %s for each other through a wait group", RingSites(f.Goroutines), verb)
		f.Fix = "call Wait after the locks are released that a goroutine which it waits for needs, directly or through others"
		if at := waitFor(f, finding.WaitGroup); !at.IsZero() {
			f.Fix = fmt.Sprintf("release what is held before the Wait at %s: a goroutine that it waits for needs it, directly or through others", at)
		}
	case isIn(ring, finding.Once):
		f.Title = fmt.Sprintf("%s %s for each other through a Once", RingSites(f.Goroutines), verb)
		f.Fix = "ask for no lock and for no other Once inside the function of a Once that callers of Do may hold: work first, and store the result in it"
	default:
		return
	}
	f.Coffman.Breaks = "hold and wait"
	f.Coffman.NoPreemption.Evidence = "nobody can take a lock from its holder, or make a goroutine leave its wait"
}

func isIn(ring []finding.Resource, kind finding.ResourceKind) bool {
	return slices.ContainsFunc(ring, func(r finding.Resource) bool { return r.Kind == kind })
}

// waitFor returns where a resource of the kind is waited for.
func waitFor(f *finding.Finding, kind finding.ResourceKind) finding.Frame {
	for _, g := range f.Goroutines {
		if g.Wait != nil && f.Resources[g.Wait.Resource].Kind == kind {
			return g.Wait.Stack.Site()
		}
	}
	return finding.Frame{}
}
