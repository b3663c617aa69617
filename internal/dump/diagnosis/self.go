package diagnosis

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// selves reports the goroutines that seem to wait for what they hold themselves.
func (j *judging) selves() {
	for _, r := range j.resources {
		if !r.isLock() && r.kind != finding.Once {
			continue
		}
		for _, h := range r.holds {
			if j.why[h.goroutine] < 0 && slices.Contains(r.waiters, h.goroutine) && j.holdsAlone(r, h) && !j.isExplained(r) {
				j.self(r, h)
			}
		}
	}
}

// holdsAlone reports whether the goroutine, which waits for the resource, is the one that
// holds it. Without support from the source and the addresses it must be the only one that
// may, all others wait for it in turn, or stand just like it; and it must have waited for
// long, or the source of all that could hold it was at hand.
func (j *judging) holdsAlone(r *resource, h hold) bool {
	if r.kind == finding.RWMutex && j.goroutines[h.goroutine].asksToRead() && h.mode == finding.Shared && !r.mayWrite {
		return false // readers do not wait for readers
	}
	if h.support == sure {
		return true
	}
	for _, o := range r.holds {
		if !slices.Contains(r.waiters, o.goroutine) && !j.standAlike(o, h) {
			return false
		}
	}
	return j.isStill(h.goroutine) || r.exhausted && h.support == likely && len(r.holds) == 1 || h.support == likely && j.standsStill()
}

// standAlike reports whether two goroutines hold a lock of one declaration in one call of
// one stack: what one of them waits for, the other one has no better claim to hold.
func (j *judging) standAlike(a, b hold) bool {
	s, t := j.goroutines[a.goroutine].Stack, j.goroutines[b.goroutine].Stack
	return a.support == likely && b.support == likely && a.frame == b.frame && len(s) > 0 && len(t) > 0 && &s[0] == &t[0]
}

func (j *judging) self(r *resource, h hold) {
	g := j.waiter(h.goroutine, 0)
	held := j.held(h, 0)
	g.Holds = []finding.Hold{held}
	f := finding.Finding{
		Certainty: finding.Suspected, Severity: finding.Error, Count: 1,
		Resources: []finding.Resource{r.resource()}, Goroutines: []finding.Goroutine{g},
		Detail: j.selfDetail(h),
	}
	if h.support == sure && !j.mayBeGiven(r, h) {
		f.Certainty = finding.Potential
	}
	at, before := g.Wait.Stack.User(), held.Stack.User()
	switch {
	case r.kind == finding.Once:
		f.Rule = finding.RuleSelfDeadlock
		f.Title = fmt.Sprintf("%s seems to wait for the Once whose function the same goroutine is running, called at %s", at, before)
		f.Fix = "inside the function, call directly what it needs, not through the Once"
	case held.Mode == finding.Shared && g.Wait.Mode == finding.Shared:
		f.Rule = finding.RuleRLockRecursion
		f.Title = fmt.Sprintf("%s seems to read-lock what the same goroutine has read-locked at %s, with a writer in between", at, before)
		f.Fix = f.Rule.Fix()
		j.addWriter(&f, r)
	case held.Mode == finding.Shared:
		f.Rule = finding.RuleLockUpgrade
		f.Title = fmt.Sprintf("%s seems to write-lock what the same goroutine has read-locked at %s", at, before)
		f.Fix = f.Rule.Fix()
	default:
		f.Rule = finding.RuleSelfDeadlock
		f.Title = fmt.Sprintf("%s seems to wait for the %s that the same goroutine has locked at %s", at, r.kind.Noun(), before)
		f.Fix = f.Rule.Fix()
	}
	f.Evidence = j.evidence("%s [%s] holds the lock and requests it, by %s", numbered(g.ID), g.State, basis([]link{{hold: h}}))
	j.add(f, []int{h.goroutine})
}

// addWriter adds the writer that waits between the two reads.
func (j *judging) addWriter(f *finding.Finding, r *resource) {
	for i := range j.goroutines {
		if o := j.needs[i]; o != nil && (o == r || o.named.Class != "" && o.named.Class == r.named.Class && (o.shown() == 0 || r.shown() == 0)) && j.goroutines[i].asksPendingWrite() {
			w := j.waiter(i, 0)
			f.Goroutines = append(f.Goroutines, w)
			f.Detail += fmt.Sprintf("\n%s requests the write lock at %s: it waits for the first read lock, and the second read lock waits behind it.",
				sentence(numbered(w.ID)), w.Wait.Stack.User())
			return
		}
	}
}

func (j *judging) selfDetail(h hold) string {
	if h.support == possible {
		return "An outer call of the goroutine has the lock, or the struct that contains it, among its arguments, and no other goroutine has: " +
			"it may have locked it there. A dump does not show which goroutine holds a lock."
	}
	text := "By the source, an outer call of the goroutine holds the lock"
	if h.support == sure {
		return text + ". Only another goroutine could release it now."
	}
	return text + ", or another lock that is declared at the same place. The dump shows no other goroutine that could hold it."
}
