package contention

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// shownPairs bounds a finding's matrix of waiters and those to blame, allPairs what is
// told of all locks of one kind.
const (
	shownPairs = 24
	allPairs   = 250
)

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
	return d.p.largest(d.pairs, shownPairs)
}

// largest returns the first n pairs for a report, most time first.
func (p *pass) largest(pairs []*pairTally, n int) []finding.Pair {
	slices.SortFunc(pairs, func(a, b *pairTally) int {
		return cmp.Or(cmp.Compare(b.nanos, a.nanos), cmp.Compare(a.waiter, b.waiter), cmp.Compare(a.blamed, b.blamed))
	})
	var all []finding.Pair
	for _, t := range pairs[:min(len(pairs), n)] {
		all = append(all, finding.Pair{
			Waiter: p.tr.Stack(t.waiter).Trim(), Blamed: p.tr.Stack(t.blamed).Trim(), Nanos: t.nanos, Count: t.count,
		})
	}
	return all
}

// tellLocks adds the waits at all locks to the summary of the trace, also those that no
// finding tells.
func (p *pass) tellLocks(rep *finding.Report, all []*diagnosis) {
	i := len(rep.Summary.Schedules) - 1 // this trace's, if that pass is there
	if i < 0 {
		return
	}
	var delays [kinds]chart.Histogram
	var pairs [kinds][]*pairTally
	for _, d := range all {
		delays[d.kind].Merge(&d.delays)
		pairs[d.kind] = append(pairs[d.kind], d.pairs...)
	}
	locks := &rep.Summary.Schedules[i].Locks
	for k := range kinds {
		if h := &delays[k]; h.Count > 0 {
			*locks = append(*locks, finding.WaitKind{
				Reason: k.String(), Nanos: h.Sum, Count: h.Count, P50Nanos: h.Quantile(0.5), P95Nanos: h.Quantile(0.95), MaxNanos: h.Max,
				Pairs: p.largest(pairs[k], allPairs),
			})
		}
	}
	slices.SortStableFunc(*locks, func(a, b finding.WaitKind) int { return cmp.Compare(b.Nanos, a.Nanos) })
}
