package diagnosis

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// hangs reports the goroutines that keep each other waiting.
func (j *judging) hangs() {
	if len(j.resources) == 0 {
		return
	}
	w := j.newWitness()
	for _, h := range hang.Judge(&w.look).Hangs {
		var members []int
		for _, k := range slices.Concat(h.Members, h.Victims()) {
			members = append(members, w.at[k])
		}
		w.report(h.Finding(), members)
	}
}

// report adds what the court has found, with what a dump knows besides.
func (w *witness) report(f finding.Finding, members []int) {
	shown := make(map[int]bool)
	var ring []int
	for k := range f.Goroutines {
		g := &f.Goroutines[k]
		i := w.ids[g.ID]
		ring, shown[i] = append(ring, i), true
		g.ID, g.State, g.Created = w.goroutines[i].ID, w.goroutines[i].state(), w.createdAt(&w.goroutines[i])
		g.Wait.Blocked = true
	}
	for _, i := range members {
		if at := w.resourceOf(&f, i); at >= 0 && !shown[i] && len(f.Goroutines) < len(ring)+shownWaiters {
			f.Goroutines = append(f.Goroutines, w.waiter(i, at))
		}
	}
	f.Severity, f.Count = finding.Error, 1
	f.Measures = slices.DeleteFunc(f.Measures, func(m finding.Measure) bool { return m.Value == 0 })
	f.Detail = rename(joinLines(w.inference(ring), strings.TrimSpace(f.Detail)))
	if c := f.Coffman; c != nil {
		c.CircularWait.Evidence = rename(c.CircularWait.Evidence)
	}
	f.Evidence = w.evidence("%s", waits(w.count(members)))
	w.add(f, members)
}

// shownWaiters bounds the goroutines that a finding shows beside those of the cycle.
const shownWaiters = 3

// resourceOf returns which resource of the finding the goroutine waits for, -1 if none.
func (w *witness) resourceOf(f *finding.Finding, i int) int {
	r := w.needs[i]
	if r == nil {
		return -1
	}
	return slices.Index(f.Resources, r.resource())
}

// inference says from what it is inferred that the goroutines of a cycle hold what others
// of it wait for, and which of them would end the wait of which.
func (w *witness) inference(ring []int) string {
	text := "A dump does not show which goroutine holds a lock."
	bySource, byArguments, given := false, false, false
	for _, i := range ring {
		for _, h := range w.holds[i] {
			if !slices.ContainsFunc(ring, func(k int) bool { return w.needs[k] == h.resource }) {
				continue
			}
			given = given || h.given
			byArguments = byArguments || h.support == possible
			bySource = bySource || h.support > possible && !h.given
		}
	}
	if bySource {
		text += " By the source, the calls shown as holders hold the lock."
	}
	if byArguments {
		text += " A call shown as a holder has the lock, or the struct that contains it, among its arguments, and may hold it."
	}
	if given {
		text += " By the source, a goroutine shown as a holder releases the lock without having acquired it: it seems to have been given the lock."
	}
	for _, i := range ring {
		if w.needs[i] != nil {
			continue
		}
		for _, p := range w.partnersOf(i).all {
			if slices.Contains(ring, p.goroutine) && w.needsLockOf(p.goroutine, i) {
				text += fmt.Sprintf("\n%s, which would %s in %s, waits for the lock.", sentence(numbered(w.goroutines[p.goroutine].ID)), opposite(w.modeOf(i)), p.function)
			}
		}
	}
	return text
}

var unnamed = regexp.MustCompile(`\b([Gg])oroutine 1\d{18}\b`)

// rename takes ids out of a text that the dump does not have.
func rename(text string) string {
	return unnamed.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] == 'G' {
			return "A goroutine"
		}
		return "a goroutine"
	})
}
