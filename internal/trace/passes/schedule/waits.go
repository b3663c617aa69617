package schedule

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// maxPairs bounds the pairs of lines that are told apart: a program has some
	// hundreds. What comes later is in the sums only.
	maxPairs = 4096
	// shownPairs of each kind of wait are in the summary.
	shownPairs = 16
)

// waits is what goroutines waited for one another other than at locks, by kind.
type waits struct {
	tr    *replay.Trace
	kinds [stream.Reasons]*chart.Histogram
	pairs map[pairKey]*pair
}

// pairKey is the line that waits and the line that ended it.
type pairKey struct {
	waiter, waker stream.FrameID
	reason        stream.Reason
}

type pair struct {
	waiter, waker stream.StackID
	nanos, count  int64
}

// counts reports whether the wait is of a kind that is counted here.
func (w *waits) counts(s *replay.Span) bool { return s.Reason.IsSync() && s.Stack != 0 }

// woken counts who ended a wait.
func (w *waits) woken(s *replay.Span) {
	if s.Waker == nil || s.WakerStack == 0 {
		return // a timer's, as in select
	}
	key := pairKey{w.tr.Site(s.Stack), w.tr.Site(s.WakerStack), s.Reason}
	p := w.pairs[key]
	if p == nil {
		if len(w.pairs) == maxPairs {
			return
		}
		p = &pair{waiter: s.Stack, waker: s.WakerStack}
		w.pairs[key] = p
	}
	p.nanos += s.Nanos()
	p.count++
}

// ran counts the whole delay of a wait once the goroutine runs again.
func (w *waits) ran(s *replay.Span) {
	h := w.kinds[s.Reason]
	if h == nil {
		h = new(chart.Histogram)
		w.kinds[s.Reason] = h
	}
	h.Add(s.End - s.Since)
}

// finish returns the kinds, most time first.
func (w *waits) finish() []finding.WaitKind {
	var all []finding.WaitKind
	for reason, h := range w.kinds {
		if h == nil {
			continue
		}
		all = append(all, finding.WaitKind{
			Reason: stream.Reason(reason).String(), Nanos: h.Sum, Count: h.Count,
			P50Nanos: h.Quantile(0.5), P95Nanos: h.Quantile(0.95), MaxNanos: h.Max, Pairs: w.top(stream.Reason(reason)),
		})
	}
	slices.SortStableFunc(all, func(a, b finding.WaitKind) int { return cmp.Compare(b.Nanos, a.Nanos) })
	return all
}

func (w *waits) top(reason stream.Reason) []finding.Pair {
	var all []*pair
	for key, p := range w.pairs {
		if key.reason == reason {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b *pair) int {
		return cmp.Or(cmp.Compare(b.nanos, a.nanos), cmp.Compare(a.waiter, b.waiter), cmp.Compare(a.waker, b.waker))
	})
	var top []finding.Pair
	for _, p := range all[:min(len(all), shownPairs)] {
		top = append(top, finding.Pair{
			Waiter: w.tr.Stack(p.waiter).Trim(), Blamed: w.tr.Stack(p.waker).Trim(), Nanos: p.nanos, Count: p.count,
		})
	}
	return top
}
