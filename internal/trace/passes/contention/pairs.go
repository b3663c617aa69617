package contention

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
)

// shownPairs bounds a finding's matrix of waiters and those to blame, allPairs the pairs
// of all locks of one kind.
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

// pairKey is a line that waits and one that unlocks; unlock 0 is none: the next
// holder had been woken and waited for a processor.
type pairKey struct{ lock, unlock lineID }

// pair adds to what one line has waited for the other; of has a stack of each.
func (p *pass) pair(key pairKey, of replay.Pair, nanos int64) {
	t := p.pairs[key]
	if t == nil {
		t = &of
		p.pairs[key] = t
	}
	t.Add(nanos)
}

// pairsOf returns the class's pairs for a finding, most time first.
func (d *diagnosis) pairsOf() []finding.Pair { return d.p.tr.Largest(d.pairs, shownPairs) }

// addLocks adds the waits at all locks to the summary of the trace, also those without a
// finding.
func (p *pass) addLocks(rep *finding.Report, all []*diagnosis) {
	i := len(rep.Summary.Schedules) - 1 // this trace's, if that pass is there
	if i < 0 {
		return
	}
	var delays [kinds]chart.Histogram
	var pairs [kinds][]*replay.Pair
	for _, d := range all {
		delays[d.kind].Merge(&d.delays)
		pairs[d.kind] = append(pairs[d.kind], d.pairs...)
	}
	locks := &rep.Summary.Schedules[i].Locks
	for k := range kinds {
		if h := &delays[k]; h.Count > 0 {
			*locks = append(*locks, h.WaitKind(k.String(), p.tr.Largest(pairs[k], allPairs)))
		}
	}
	slices.SortStableFunc(*locks, func(a, b finding.WaitKind) int { return cmp.Compare(b.Nanos, a.Nanos) })
}
