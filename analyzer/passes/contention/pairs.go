package contention

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/internal/chart"
	"github.com/concdoctor/concdoctor/analyzer/internal/stream"
)

// shownPairs bounds a finding's matrix of waiters and those to blame.
const shownPairs = 24

// lineTally is what is counted for a line that locks, and not for each of its
// stacks: the charts are 4 kB.
type lineTally struct {
	delays chart.Histogram
	when   chart.Timeline
}

// pairKey is a line that waits and one that unlocks; unlock 0 is nobody: the next
// holder had been woken and waited for a processor.
type pairKey struct{ lock, unlock lineID }

// pairTally is what the one has waited for the other, with a stack of each.
type pairTally struct {
	waiter, blamed stream.StackID
	nanos, count   int64
}

func (p *pass) pair(lock, unlock lineID, waiter, blamed stream.StackID, nanos int64) {
	key := pairKey{lock, unlock}
	t := p.pairs[key]
	if t == nil {
		t = &pairTally{waiter: waiter, blamed: blamed}
		p.pairs[key] = t
	}
	t.nanos += nanos
	t.count++
}

// pairsOf returns the class's pairs for a finding, most time first.
func (d *diagnosis) pairsOf() []finding.Pair {
	slices.SortFunc(d.pairs, func(a, b *pairTally) int {
		return cmp.Or(cmp.Compare(b.nanos, a.nanos), cmp.Compare(a.waiter, b.waiter), cmp.Compare(a.blamed, b.blamed))
	})
	var all []finding.Pair
	for _, t := range d.pairs[:min(len(d.pairs), shownPairs)] {
		all = append(all, finding.Pair{
			Waiter: d.p.tr.Stack(t.waiter).Trim(), Blamed: d.p.tr.Stack(t.blamed).Trim(), Nanos: t.nanos, Count: t.count,
		})
	}
	return all
}
