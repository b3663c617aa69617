package httpagent

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// contention is the page of statistics, the class with most waiting first.
type contention struct {
	Statistics bool             `json:"statistics"`
	Classes    []snapshot.Class `json:"classes"`
}

// Heads are the columns below Waits and Holds.
func (*contention) Heads() []string {
	return []string{"count", "p50", "p99", "longest", "total", "p50", "p99", "longest", "total"}
}

func newContention(s *snapshot.Snapshot) *contention {
	view := &contention{Statistics: s.Statistics, Classes: []snapshot.Class{}}
	for _, c := range s.Classes {
		if c.Acquired()+c.Waits.Count > 0 {
			view.Classes = append(view.Classes, c)
		}
	}
	slices.SortStableFunc(view.Classes, func(a, b snapshot.Class) int {
		return cmp.Or(
			cmp.Compare(b.Waits.SumNanos, a.Waits.SumNanos),
			cmp.Compare(b.Held.SumNanos+b.Read.SumNanos, a.Held.SumNanos+a.Read.SumNanos),
		)
	})
	return view
}
