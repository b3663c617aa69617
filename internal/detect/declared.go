package detect

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// violation is a request for a lock under one that is declared to come later.
type violation struct {
	r      *request
	lock   *lockRecord
	under  *hold
	by     *site // the declaration, nil for levels
	levels [2]int
}

// declare adds to the declared order; see lockorder.Declared.
func (o *order) declare(a, b rank, at *site) (against []*site) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.declared.Declare(a, b, at)
}

// keep makes sure that declarations about l are dropped when l is collected.
func (o *order) keep(l *lockRecord) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.register(l)
}

// violations returns the declarations that the request for l violates.
func (o *order) violations(l *lockRecord, r *request) (all []violation) {
	for i := range r.holds {
		h := &r.holds[i]
		if h.lock == l {
			continue
		}
		v := violation{r: r, lock: l, under: h}
		if o.isDeclared(&v) || areLevels(&v) {
			all = append(all, v)
		}
	}
	return all
}

// isDeclared looks up the locks in the declared order, which is mostly empty.
func (o *order) isDeclared(v *violation) bool {
	if o.declared.Empty() {
		return false
	}
	for _, earlier := range ranksOf(v.lock) {
		for _, later := range ranksOf(v.under.lock) {
			if path := o.declared.Path(earlier, later); path != nil {
				v.by = path[0]
				return true
			}
		}
	}
	return false
}

// areLevels compares the levels of locks with one name.
func areLevels(v *violation) bool {
	asked, held := v.lock.description.mark.Load(), v.under.lock.description.mark.Load()
	if asked == nil || held == nil || !asked.nested || !held.nested || asked.name != held.name {
		return false
	}
	v.levels = [2]int{asked.level, held.level}
	return asked.level < held.level
}

// finding is the diagnosis. That the order was broken is a fact, whatever comes of it.
func (v *violation) Finding() finding.Finding {
	var locks judge.Resources
	g := finding.Goroutine{ID: v.r.goroutine, Created: creatorOf(v.r.creator)}
	locks.Of(v.lock.description, "", nil)
	g.Holds = []finding.Hold{{
		Resource: locks.Of(v.under.lock.description, "", nil), Mode: judge.ModeOf(v.under.mode), Stack: stackOf(v.under.stack[:]),
	}}
	g.Wait = &finding.Wait{Mode: judge.ModeOf(v.r.mode), Stack: stackOf(v.r.stack[:])}
	f := finding.Finding{
		Rule: finding.RuleLockOrder, Certainty: finding.Observed, Severity: finding.Error,
		Resources: locks.List, Goroutines: []finding.Goroutine{g},
	}
	f.Title = fmt.Sprintf("%s acquires a lock that is declared to come before the one acquired at %s", g.Wait.Stack.Site(), g.Holds[0].Stack.Site())
	if v.by != nil {
		f.Detail = fmt.Sprintf("The order was declared at %s.", stackOf(v.by.stack).Site())
	} else {
		f.Detail = fmt.Sprintf("Level %d comes before level %d.", v.levels[0], v.levels[1])
	}
	f.Fix = "acquire A before B here, or release B first; if this order is the right one, change the declaration"
	return f
}

// contradiction is the diagnosis of a declaration that does not fit an earlier one.
func contradiction(a, b *declarable, at, earlier *site) finding.Finding {
	var locks judge.Resources
	locks.Of(a.origin, "", nil)
	locks.Of(b.origin, "", nil)
	return finding.Finding{
		Rule: finding.RuleLockOrder, Certainty: finding.Observed, Severity: finding.Error, Resources: locks.List,
		Title:  fmt.Sprintf("%s declares an order that contradicts the one declared at %s", stackOf(at.stack).Site(), stackOf(earlier.stack).Site()),
		Detail: "A before B contradicts an earlier declaration; the later one does not count.",
		Places: []finding.Place{{Role: "declares A before B", Stack: stackOf(at.stack)}, {Role: "declares the contrary", Stack: stackOf(earlier.stack)}},
		Fix:    "declare one order, in one place",
	}
}
