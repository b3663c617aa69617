package hang

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// mostBeside is how many goroutines a finding shows that it does not rest on.
const mostBeside = 2

// beside are goroutines that hang with those that the finding shows, and help to understand
// why: the other members of a knot, the goroutine that was given the lock, or, of a
// goroutine for which nothing is left to wait, those that wait for it. Each waits at a place
// of its own. The program's and a test's own come first, and then the oldest.
func (k *knot) beside() (shown []int) {
	places := make(map[finding.Frame]bool)
	place := func(i int) finding.Frame { return judge.Expand(k.goroutine(i).Wait.Stack).User() }
	for _, i := range k.shown() {
		places[place(i)] = true
	}
	others := k.related()
	rank := func(i int) (n int) {
		if !k.goroutine(i).Awaited {
			n = 1
		}
		return n
	}
	slices.SortStableFunc(others, func(a, b int) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(k.goroutine(a).ID, k.goroutine(b).ID))
	})
	for _, i := range others {
		if at := place(i); len(shown) < mostBeside && !places[at] {
			places[at] = true
			shown = append(shown, i)
		}
	}
	return shown
}

// related are the goroutines from which beside chooses.
func (k *knot) related() (all []int) {
	switch {
	case len(k.ring) > 1:
		return slices.DeleteFunc(slices.Clone(k.members), func(i int) bool { return slices.Contains(k.ring, i) })
	case k.isSelf():
		heirs := k.allHeirs()
		for i := range k.v.Goroutines {
			if g := k.goroutine(i); g.Wait != nil && !slices.Contains(k.ring, i) && slices.Contains(heirs, g.ID) {
				all = append(all, i)
			}
		}
	case len(k.victims) > 0:
		all = k.siblings()
		for _, i := range k.victims {
			if k.joins(i) != "" {
				all = append(all, i)
			}
		}
	}
	return all
}

// siblings are goroutines that the parent of the first member has started too, and that
// hang for reasons of their own.
func (k *knot) siblings() (all []int) {
	first := k.goroutine(k.members[0])
	for _, i := range k.v.children[first.Parent] {
		if g := k.goroutine(i); g.ID != first.ID && first.Parent != 0 && g.Wait != nil && k.v.lost[g.ID] && !slices.Contains(k.victims, i) {
			all = append(all, i)
		}
	}
	return all
}

// joins says what a goroutine beside has to do with the first that the finding shows, "" for
// a victim that waits for others.
func (k *knot) joins(i int) string {
	first := k.goroutine(k.shown()[0])
	through := func(ways [][]uint64) bool {
		return slices.ContainsFunc(ways, func(way []uint64) bool { return slices.Contains(way, first.ID) })
	}
	switch {
	case len(k.ring) > 1:
		return "hangs with them"
	case k.isSelf():
		return "may have been given the lock"
	case !slices.Contains(k.victims, i):
		return "hangs too"
	case through(k.v.knownWays(i)):
		return fmt.Sprintf("waits for goroutine %d", first.ID)
	case through(k.v.childWays(k.goroutine(i))):
		return fmt.Sprintf("has started goroutine %d, and waits", first.ID)
	}
	return ""
}

// showBeside adds them to a finding that is described.
func (k *knot) showBeside(w *writer, f *finding.Finding) {
	for _, i := range k.beside() {
		g := w.goroutine(k.goroutine(i))
		g.Beside, g.State = true, k.joins(i)
		f.Goroutines = append(f.Goroutines, g)
	}
	f.Resources = w.List
}
