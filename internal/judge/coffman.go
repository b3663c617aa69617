package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// noPreemption is the evidence where not all of a cycle are locks.
const noPreemption = "no lock can be taken from its holder, and no goroutine can be made to leave its wait"

// Coffman says how each of the four conditions of a deadlock is met by the cycle of
// resources; verb is "waits" or "could wait".
func Coffman(ring []finding.Resource, goroutines []finding.Goroutine, verb string) *finding.Coffman {
	var kinds, waits []string
	for i, r := range ring {
		kinds = append(kinds, finding.ResourceLabel(i)+" is "+r.Kind.Indefinite())
	}
	for _, g := range goroutines {
		waits = append(waits, fmt.Sprintf("goroutine %d %s for %s", g.ID, verb, finding.ResourceLabel(g.Wait.Resource)))
	}
	yes := func(evidence string) finding.Condition { return finding.Condition{Holds: true, Evidence: evidence} }
	c := &finding.Coffman{
		MutualExclusion: yes(strings.Join(kinds, ", ")),
		HoldAndWait:     yes("each goroutine keeps the locks that it holds while it asks for more"),
		NoPreemption:    yes("no lock can be taken from its holder: only Unlock frees it"),
		CircularWait:    yes(strings.Join(waits, ", ")),
		Breaks:          "circular wait",
	}
	if slices.ContainsFunc(ring, func(r finding.Resource) bool { return !IsLock(r.Kind) }) {
		c.HoldAndWait.Evidence = "each goroutine keeps what the next one needs while it waits: a lock, or an operation that only it would perform"
		c.NoPreemption.Evidence = noPreemption
		c.Breaks = "hold and wait"
	}
	return c
}
