package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// knots reports the locks of which all that may hold them are blocked, while others wait:
// where nothing has moved for long, the whole process stands still, or the source shows
// that all that could end the holder's wait wait for the lock.
func (j *judging) knots() {
	if !slices.ContainsFunc(j.resources, func(r *resource) bool { return r.kind != finding.WaitGroup && len(r.holds) > 0 }) {
		return
	}
	still := j.standsStill()
	stuck := j.stuck(func(i int) bool { return still || j.isStill(i) || len(j.partnersOf(i).all) > 0 })
	for _, r := range j.resources {
		if r.kind == finding.WaitGroup || j.isExplained(r) || len(r.holds) == 0 || !r.allStuck(stuck) {
			continue
		}
		if h, ok := j.leafOf(r); ok && (still || j.isAgreed(r, h) || j.isClosed(r, h)) {
			j.knot(r, h)
		}
	}
}

// isAgreed reports whether the holder and a goroutine that waits for the lock have not moved
// for long. That a test timed out says so of all its goroutines, and nothing of one that
// waits to send where another goroutine sleeps, which may be the receiver.
func (j *judging) isAgreed(r *resource, h hold) bool {
	if !j.isStill(h.goroutine) || !slices.ContainsFunc(r.waiters, j.isStill) {
		return false
	}
	sends := strings.HasPrefix(j.goroutines[h.goroutine].State, "chan send")
	return !j.timedOut() || !sends || len(j.partnersOf(h.goroutine).all) > 0 || !slices.Contains(j.stands, moving)
}

// isClosed reports whether the source names the goroutines that hold the lock, and for each of
// them those that could end its wait; one of these waits for the lock.
func (j *judging) isClosed(r *resource, h hold) bool {
	for _, o := range r.holds {
		if o.support < likely || len(j.partnersOf(o.goroutine).all) == 0 {
			return false
		}
	}
	return slices.ContainsFunc(j.partnersOf(h.goroutine).all, func(p partner) bool { return slices.Contains(r.waiters, p.goroutine) })
}

// leafOf returns the best supported holder that waits for what no goroutine is known to hold.
func (j *judging) leafOf(r *resource) (hold, bool) {
	for _, h := range r.holds {
		if n := j.needs[h.goroutine]; n == nil || len(n.holds) == 0 {
			return h, true
		}
	}
	return hold{}, false
}

func (j *judging) knot(r *resource, h hold) {
	holder := j.waiter(h.goroutine, 1)
	holder.Holds = []finding.Hold{j.held(h, 0)}
	f := finding.Finding{
		Rule: finding.RuleDeadlock, Certainty: finding.Suspected, Severity: finding.Error, Count: 1,
		Resources:  []finding.Resource{r.resource(), j.awaited(h.goroutine)},
		Goroutines: []finding.Goroutine{holder},
	}
	partner, other := j.partnerOf(r, h.goroutine)
	for _, i := range r.waiters[:min(len(r.waiters), shown)] {
		if i != partner {
			f.Goroutines = append(f.Goroutines, j.waiter(i, 0))
		}
	}
	n := j.count(r.waiters)
	what := awaits(f.Resources[1], holder.Wait.Mode, j.goroutines[h.goroutine].State)
	f.Title = fmt.Sprintf("%s seems to hold %s while it waits %s, and %s for the lock", holder.Wait.Stack.User(), r.kind.Indefinite(), what, waits(n))
	f.Detail = j.knotDetail(r, h)
	if partner >= 0 {
		f.Goroutines = slices.Insert(f.Goroutines, 1, j.waiter(partner, 0))
		f.Detail += fmt.Sprintf("\n%s, which would %s in %s, waits for the lock.", sentence(numbered(j.goroutines[partner].ID)), opposite(holder.Wait.Mode), other)
	}
	f.Evidence = j.evidence("%s for %s, and all goroutines that may hold it are blocked", waits(n), r.which())
	f.Fix = "release the lock before waiting for another goroutine: copy under the lock what is needed, unlock, then wait"
	f.Coffman = &finding.Coffman{
		MutualExclusion: finding.Condition{Holds: true, Evidence: "A is " + r.kind.Indefinite()},
		HoldAndWait:     finding.Condition{Holds: true, Evidence: fmt.Sprintf("inferred: %s seems to hold A while it waits for B", numbered(holder.ID))},
		NoPreemption:    finding.Condition{Holds: true, Evidence: "a lock cannot be taken from its holder: only Unlock frees it"},
		CircularWait:    j.knotCircle(partner, holder),
		Breaks:          "hold and wait",
	}
	var members []int
	for _, o := range r.holds {
		members = append(members, o.goroutine)
	}
	if partner >= 0 {
		members = append(members, partner)
	}
	j.add(f, members)
}

func (j *judging) knotCircle(partner int, holder finding.Goroutine) finding.Condition {
	if partner < 0 {
		return finding.Condition{Holds: true, Evidence: "suspected: the dump does not show which goroutine would end the wait for B, and nothing has moved"}
	}
	other := numbered(j.goroutines[partner].ID)
	if j.anonymous {
		other = "another one"
	}
	return finding.Condition{Holds: true, Evidence: fmt.Sprintf("%s waits for B, which %s would end; %s waits for A", numbered(holder.ID), other, other)}
}

func (j *judging) knotDetail(r *resource, h hold) string {
	text := "A dump does not show which goroutine holds a lock. By the source, this one is in a call that holds it"
	switch {
	case h.given:
		text = "A dump does not show which goroutine holds a lock. By the source, this one releases it without having acquired it: it seems to have been given the lock"
	case h.support == possible:
		text = "A dump does not show which goroutine holds a lock. This one has it, or the struct that contains it, among the arguments of its calls"
	}
	if more := len(r.holds) - 1; more > 0 {
		text += fmt.Sprintf("; %s may hold it too, and all of them are blocked", finding.Plural(more, "other goroutine"))
	}
	return text + "."
}

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

// partnerOf returns the goroutine that would end the wait of the holder, and its function;
// one that waits for the lock before others, -1 if there is none.
func (j *judging) partnerOf(r *resource, holder int) (index int, function string) {
	index = -1
	for _, p := range j.partnersOf(holder).all {
		if index < 0 || slices.Contains(r.waiters, p.goroutine) && !slices.Contains(r.waiters, index) {
			index, function = p.goroutine, p.function
		}
	}
	return index, function
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
