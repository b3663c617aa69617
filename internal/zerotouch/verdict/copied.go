package verdict

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// copied takes the waits for locks that are locked and that nobody has locked: a lock is
// born like that where it is the copy of a locked one.
//
// Who takes a lock says so, and so does who releases it; a release wakes somebody who
// waits. So if nobody is said to hold a lock and of those who wait for it nobody was ever
// woken, then it was locked by nobody when the first of them came. All that has to be
// known for certain: one record less, and the holder may be somewhere in the dark.
func (h *hanging) copied() {
	if h.Dropped > 0 || h.Unseen > 0 || slices.ContainsFunc(h.Goroutines, func(g tape.Goroutine) bool { return g.MoreHeld > 0 }) {
		return
	}
	for i := range h.Goroutines {
		lock, ok := lockOf(&h.Goroutines[i])
		k := keyOf(lock)
		who := h.waiters[k]
		// Each lock comes once, with the first of those who wait for it.
		if ok && who[0] == &h.Goroutines[i] && h.isCopy(k, who) {
			for _, g := range who {
				h.told[g.ID] = true
			}
			h.found = append(h.found, hang{h.scene.copied(who), who})
		}
	}
}

// isCopy reports whether nobody has locked the lock that all of who wait for.
func (h *hanging) isCopy(k key, who []*tape.Goroutine) bool {
	if len(h.holders[k]) > 0 || h.semaphores[k] || h.lost[k] != nil {
		return false
	}
	// Where all are asleep nobody is on the way who was woken.
	return h.End == tape.Asleep || h.waited(oldest(who)) >= int64(h.enough) &&
		!slices.ContainsFunc(who, func(g *tape.Goroutine) bool { return g.Wait.Woken })
}

// oldest is who has waited longest.
func oldest(who []*tape.Goroutine) *tape.Goroutine {
	return slices.MinFunc(who, func(a, b *tape.Goroutine) int { return cmp.Compare(a.Wait.Since, b.Wait.Since) })
}

// copied is the diagnosis of goroutines that wait for a lock which nobody has locked. It
// is observed only where nobody can unlock the lock any more: some program may lock and
// copy one to unlock the copy later.
func (s *scene) copied(who []*tape.Goroutine) finding.Finding {
	c := &cast{scene: s}
	waits := c.goroutine(oldest(who))
	f := wording.Copied(waits, c.list[waits.Wait.Resource].Kind)
	if s.End == tape.Asleep {
		f.Certainty = finding.Observed
	}
	if n := len(who) - 1; n > 0 {
		f.Measures = append(f.Measures, finding.Number("goroutines that hang with them", n))
	}
	f.Resources = c.list
	return f
}
