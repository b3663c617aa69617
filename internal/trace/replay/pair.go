package replay

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// Pair is what goroutines at one line waited for those at another, with a stack of each.
type Pair struct {
	Waiter, Blamed stream.StackID
	Nanos, Count   int64
}

// Add counts one wait.
func (p *Pair) Add(nanos int64) {
	p.Nanos += nanos
	p.Count++
}

// Largest returns the first n pairs for a report, most time first.
func (t *Trace) Largest(pairs []*Pair, n int) []finding.Pair {
	slices.SortFunc(pairs, func(a, b *Pair) int {
		return cmp.Or(cmp.Compare(b.Nanos, a.Nanos), cmp.Compare(a.Waiter, b.Waiter), cmp.Compare(a.Blamed, b.Blamed))
	})
	var all []finding.Pair
	for _, p := range pairs[:min(len(pairs), n)] {
		all = append(all, finding.Pair{
			Waiter: t.Stack(p.Waiter).Trim(), Blamed: t.Stack(p.Blamed).Trim(), Nanos: p.Nanos, Count: p.Count,
		})
	}
	return all
}
