package httpagent

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// order is the page of the lock order.
type order struct {
	// Classes are those that have edges; Class.ID is no index here.
	Classes []snapshot.Class `json:"classes"`
	Edges   []namedEdge      `json:"edges"`
	Dropped uint64           `json:"dropped_edges_count"`
	drawing *graph
}

// namedEdge is an edge with its classes in words.
type namedEdge struct {
	snapshot.Edge
	FromName string `json:"from_name"`
	ToName   string `json:"to_name"`
}

func newOrder(s *snapshot.Snapshot) *order {
	view := &order{Classes: []snapshot.Class{}, Edges: []namedEdge{}, Dropped: s.Counters.DroppedEdges}
	used := make(map[int]bool)
	for _, e := range s.Edges {
		used[e.From], used[e.To] = true, true
		view.Edges = append(view.Edges, namedEdge{e, s.Classes[e.From].String(), s.Classes[e.To].String()})
	}
	for _, c := range s.Classes {
		if used[c.ID] {
			view.Classes = append(view.Classes, c)
		}
	}
	slices.SortStableFunc(view.Edges, func(a, b namedEdge) int {
		if a.Cyclic != b.Cyclic {
			if a.Cyclic {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Count, a.Count)
	})
	view.drawing = draw(view)
	return view
}

// Graph is the drawing, for the templates.
func (o *order) Graph() *graph { return o.drawing }

// IsCyclic reports whether some edge lies on a cycle.
func (o *order) IsCyclic() bool {
	return slices.ContainsFunc(o.Edges, func(e namedEdge) bool { return e.Cyclic })
}
