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
	// maxPairs bounds the pairs of lines that are distinguished: a program has some
	// hundreds. What comes later is in the sums only.
	maxPairs = 4096
	// shownPairs of each kind of wait are in the summary.
	shownPairs = 16
)

// waits are the waits of goroutines for one another other than at locks, by kind.
type waits struct {
	tr    *replay.Trace
	kinds [stream.Reasons]*chart.Histogram
	pairs map[pairKey]*replay.Pair
}

// pairKey is the line that waits and the line that ended it.
type pairKey struct {
	waiter, waker stream.FrameID
	reason        stream.Reason
}

// counts reports whether the wait is of a kind that is counted here.
func (w *waits) counts(s *replay.Span) bool { return s.Reason.IsSync() && s.Stack != 0 }

// woken counts what ended a wait.
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
		p = &replay.Pair{Waiter: s.Stack, Blamed: s.WakerStack}
		w.pairs[key] = p
	}
	p.Add(s.Nanos())
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
		r := stream.Reason(reason)
		all = append(all, h.WaitKind(r.String(), w.top(r)))
	}
	slices.SortStableFunc(all, func(a, b finding.WaitKind) int { return cmp.Compare(b.Nanos, a.Nanos) })
	return all
}

func (w *waits) top(reason stream.Reason) []finding.Pair {
	var all []*replay.Pair
	for key, p := range w.pairs {
		if key.reason == reason {
			all = append(all, p)
		}
	}
	return w.tr.Largest(all, shownPairs)
}
