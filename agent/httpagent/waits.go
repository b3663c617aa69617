package httpagent

import (
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// waits is the page of which goroutine waits for which: trees that grow from the goroutines
// which keep others waiting, and the cycles, which have no such root.
type waits struct {
	Stacks  bool    `json:"stacks"`
	Note    string  `json:"note,omitempty"`
	Waiting int     `json:"waiting_goroutines_count"`
	Trees   []*tree `json:"trees"`
	// Alone wait for something without a holder, such as a channel.
	Alone []*tree `json:"alone"`
	// Left counts goroutines beyond the first maxTrees.
	Left int `json:"left_out_count"`
}

// tree is a goroutine with those that wait for it.
type tree struct {
	Goroutine snapshot.Goroutine `json:"goroutine"`
	// For names what the goroutine waits for, nil if it runs.
	For []string `json:"for,omitempty"`
	// Cycle says that the goroutine was met above: it waits for itself in the end.
	Cycle    bool    `json:"cycle,omitempty"`
	Followed int     `json:"waiting_behind_count"`
	Waiting  []*tree `json:"waiting,omitempty"`
}

// maxTrees is how many goroutines the page shows: more than a person reads.
const maxTrees = 500

func newWaits(s *snapshot.Snapshot) *waits {
	view := &waits{Stacks: s.Stacks, Note: s.Note, Trees: []*tree{}, Alone: []*tree{}}
	f := forest{names: newResourceNames(s), behind: map[uint64][]*snapshot.Goroutine{}, shown: map[uint64]bool{}}
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		if g.Wait == nil {
			continue
		}
		view.Waiting++
		for _, id := range g.Wait.For {
			f.behind[id] = append(f.behind[id], g)
		}
	}
	for i := range s.Goroutines { // first those that wait for no goroutine
		g := &s.Goroutines[i]
		free := g.Wait == nil || len(g.Wait.For) == 0
		switch {
		case free && f.isFull() && (g.Wait != nil || len(f.behind[g.ID]) > 0):
			f.leave(g)
		case free && len(f.behind[g.ID]) > 0:
			view.Trees = append(view.Trees, f.grow(g, nil))
		case free && g.Wait != nil:
			view.Alone = append(view.Alone, f.grow(g, nil))
		}
	}
	var cycles []*tree
	for i := range s.Goroutines { // what is left waits for itself in the end
		switch g := &s.Goroutines[i]; {
		case g.Wait == nil || f.shown[g.ID]:
		case f.isFull():
			f.leave(g)
		default:
			cycles = append(cycles, f.grow(g, nil))
		}
	}
	view.Trees = append(cycles, view.Trees...)
	view.Left = f.left
	return view
}

type forest struct {
	names  *resourceNames
	behind map[uint64][]*snapshot.Goroutine
	shown  map[uint64]bool
	left   int
}

func (f *forest) isFull() bool { return len(f.shown)-f.left >= maxTrees }

// leave leaves a goroutine out.
func (f *forest) leave(g *snapshot.Goroutine) {
	f.left++
	f.shown[g.ID] = true
}

func (f *forest) grow(g *snapshot.Goroutine, above []uint64) *tree {
	t := &tree{Goroutine: *g, Followed: len(f.behind[g.ID])}
	if g.Wait != nil {
		for _, r := range g.Wait.Resources {
			t.For = append(t.For, f.names.of(r))
		}
	}
	if f.shown[g.ID] {
		for _, id := range above {
			t.Cycle = t.Cycle || id == g.ID
		}
		return t
	}
	f.shown[g.ID] = true
	above = append(above[:len(above):len(above)], g.ID)
	for _, next := range f.behind[g.ID] {
		if f.isFull() {
			if !f.shown[next.ID] {
				f.leave(next)
			}
			continue
		}
		t.Waiting = append(t.Waiting, f.grow(next, above))
	}
	return t
}
