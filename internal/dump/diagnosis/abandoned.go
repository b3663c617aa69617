package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// opposite is what ends a wait in the mode.
func opposite(mode finding.Mode) string {
	if mode == finding.Send {
		return "receive"
	}
	return "send"
}

// awaits says what a goroutine waits for: "to send on c".
func awaits(r finding.Resource, mode finding.Mode, state string) string {
	g := finding.BlockedGroup{Resource: r, Mode: mode, State: state}
	return g.Purpose()
}

// abandoned reports the locks that no goroutine can hold any more, as the source says.
func (j *judging) abandoned() {
	still := j.standsStill()
	for _, r := range j.resources {
		if !r.isLock() || !r.exhausted || len(r.holds) > 0 || j.isExplained(r) || !still && !slices.ContainsFunc(r.waiters, j.isStill) {
			continue
		}
		f := finding.Finding{
			Rule: finding.RuleAbandonedLock, Certainty: finding.Suspected, Severity: finding.Error, Count: 1,
			Resources: []finding.Resource{r.resource()},
			Title: fmt.Sprintf("%s at %s for %s, and no goroutine is in a call that holds it",
				waits(len(r.waiters)), j.goroutines[r.waiters[0]].Stack.User(), r.kind.Indefinite()),
			Detail: "The source of every call that could hold the lock was checked. " +
				"A goroutine seems to have ended, or to have left the function, without releasing it.",
			Evidence: j.evidence("%s for %s", waits(len(r.waiters)), r.which()),
			Fix:      finding.RuleAbandonedLock.Fix(),
		}
		for _, i := range r.waiters[:min(len(r.waiters), shown)] {
			f.Goroutines = append(f.Goroutines, j.waiter(i, 0))
		}
		j.add(f, r.waiters)
	}
}

// awaited is what the goroutine waits for, as a finding shows it, with its name in the source.
func (j *judging) awaited(i int) finding.Resource {
	if r := j.needs[i]; r != nil {
		return r.resource()
	}
	g := &j.goroutines[i]
	r := finding.Resource{Kind: profile.ResourceKind(g.role), Class: g.Stack.Site(), Address: g.channel()}
	facts, known := j.facts(g, g.site())
	if !known || g.Stack.Site().IsStandard() {
		return r
	}
	if g.role != profile.Select {
		r.Name = facts.Target.Expr
		return r
	}
	var names []string
	for _, c := range facts.Cases[:min(len(facts.Cases), shownCases)] {
		names = append(names, c.Expr)
	}
	if len(facts.Cases) > len(names) {
		names = append(names, "…")
	}
	r.Name = strings.Join(names, ", ")
	return r
}

// shownCases bounds the channels of a select in a name.
const shownCases = 3
