package misuse

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Group is a wait group that is used in a wrong way.
type Group struct {
	Resource finding.Resource
	// At is the place of the wrong use, Other that of the use which it does not go with;
	// Other may be empty.
	At, Other finding.Stack
	Outcome   Outcome
}

const (
	addFix    = "call Add before the goroutine that counts down is started, in the goroutine that will wait; use a new WaitGroup for each round"
	addDetail = "Adding to a counter that is zero must happen before Wait begins or after every Wait has returned: " +
		"otherwise Wait may return early, miss the new work, or panic."
)

// Negative returns the diagnosis of a counter that is taken below zero; Other is where it
// left zero last.
func (g Group) Negative() finding.Finding {
	f := g.finding("counted below zero here", "counted up from zero last here")
	f.Title = fmt.Sprintf("%s takes more from the counter of a wait group than was added", g.At.Site())
	f.Detail = "A Done without its Add: the counter may have reached zero too early, so that Wait returned before the work was done."
	f.Fix = f.Rule.Fix()
	g.Outcome.soften(&f)
	return f
}

// Reused returns the diagnosis of a counter that leaves zero before a Wait, at Other, has
// returned.
func (g Group) Reused() finding.Finding {
	f := g.finding("counted up from zero here", "waited here and not returned yet")
	f.Title = fmt.Sprintf("%s counts a wait group up from zero while the Wait at %s has not returned", g.At.Site(), g.Other.Site())
	f.Detail, f.Fix = addDetail, addFix
	g.Outcome.soften(&f)
	return f
}

// Overtaken is Reused from the side of the Wait, which panics; Other is where the counter
// left zero.
func (g Group) Overtaken() finding.Finding {
	f := g.finding("waited here", "counted up again here")
	f.Title = fmt.Sprintf("%s counts a wait group up again before the Wait at %s has returned", g.Other.Site(), g.At.Site())
	f.Detail, f.Fix = addDetail, addFix
	g.Outcome.soften(&f)
	return f
}

func (g Group) finding(role, otherRole string) finding.Finding {
	f := finding.Finding{
		Rule: finding.RuleWaitGroupMisuse, Certainty: finding.Observed, Severity: finding.Error,
		Resources: []finding.Resource{g.Resource},
		Places:    []finding.Place{{Role: role, Stack: g.At}},
	}
	if len(g.Other) > 0 {
		f.Places = append(f.Places, finding.Place{Role: otherRole, Stack: g.Other})
	}
	return f
}
