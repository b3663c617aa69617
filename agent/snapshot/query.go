package snapshot

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Holder is a goroutine that holds a resource.
type Holder struct {
	Goroutine *Goroutine
	Hold      *Hold
}

// Holders returns the holders of the resource, by goroutine.
func (s *Snapshot) Holders(resource int) (list []Holder) {
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		for j := range g.Holds {
			if g.Holds[j].Resource == resource {
				list = append(list, Holder{g, &g.Holds[j]})
			}
		}
	}
	return list
}

// Waiters returns the goroutines that wait for the resource.
func (s *Snapshot) Waiters(resource int) (list []*Goroutine) {
	for i := range s.Goroutines {
		if g := &s.Goroutines[i]; g.Wait != nil && slices.Contains(g.Wait.Resources, resource) {
			list = append(list, g)
		}
	}
	return list
}

// HasHold reports whether the goroutine holds the resource.
func (g *Goroutine) HasHold(resource int) bool {
	return slices.ContainsFunc(g.Holds, func(h Hold) bool { return h.Resource == resource })
}

// Goroutine returns the goroutine with the id, nil if it holds and waits for nothing.
func (s *Snapshot) Goroutine(id uint64) *Goroutine {
	for i := range s.Goroutines {
		if s.Goroutines[i].ID == id {
			return &s.Goroutines[i]
		}
	}
	return nil
}

// markCycles finds the edges that lie on a cycle of classes: both ends are in one
// strongly connected component. An edge from a class to itself is none, since
// instances that are nested in one order are healthy.
func (s *Snapshot) markCycles() {
	reach := make(map[int]map[int]bool)
	next := make(map[int][]int)
	for _, e := range s.Edges {
		next[e.From] = append(next[e.From], e.To)
	}
	for i := range s.Edges {
		e := &s.Edges[i]
		if reach[e.To] == nil {
			reach[e.To] = reachable(next, e.To)
		}
		e.Cyclic = e.From != e.To && reach[e.To][e.From]
	}
}

func reachable(next map[int][]int, from int) map[int]bool {
	seen := map[int]bool{from: true}
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		for _, to := range next[queue[0]] {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	return seen
}

// Complete derives what follows from the rest: which goroutine waits for which, which edges lie
// on cycles. The code that fills a snapshot calls it last.
func (s *Snapshot) Complete() {
	parties := make([]party, len(s.Resources))
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		for j := range g.Holds {
			p := &parties[g.Holds[j].Resource]
			p.holders = append(p.holders, Holder{g, &g.Holds[j]})
		}
		if w := g.Wait; w != nil && w.Mode == finding.Exclusive {
			for _, r := range w.Resources {
				parties[r].writers = append(parties[r].writers, g.ID)
			}
		}
	}
	for i := range s.Goroutines {
		if w := s.Goroutines[i].Wait; w != nil {
			w.For = w.blockers(parties)
		}
	}
	s.markCycles()
}

// party is the goroutines that hold or await one resource.
type party struct {
	holders []Holder
	writers []uint64 // those that wait for it in exclusive mode
}

// blockers are the holders of what is waited for that keep the waiting one out: for a
// reader those in exclusive mode. Where readers alone hold it, a reader waits for the
// writers in front of it, as sync.RWMutex has it.
func (w *Wait) blockers(parties []party) (ids []uint64) {
	add := func(id uint64) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, r := range w.Resources {
		for _, h := range parties[r].holders {
			if w.Mode == finding.Exclusive || h.Hold.Mode != finding.Shared {
				add(h.Goroutine.ID)
			}
		}
		if w.Mode == finding.Shared && ids == nil {
			for _, id := range parties[r].writers {
				add(id)
			}
		}
	}
	return ids
}
