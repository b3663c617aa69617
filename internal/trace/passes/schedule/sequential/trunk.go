package sequential

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// minWaits one after another are a series: two may well be question and answer.
	minWaits = 3
	// waitShare of the trace is the least that a wait must last to be part of it.
	waitShare = 0.01
	// minorShare of the longest wait is the least, too: the connecting before a question
	// is not a wait of its own.
	minorShare = 0.1
	// seriesShare of its time must be waits: else it does something in between.
	seriesShare = 0.8
	// wallShare of the trace is what a series must take to be worth a change.
	wallShare = 0.1
	// quietShare is how much may run while one goroutine waits alone.
	quietShare = 0.2
	// branchShare: below a call that leads to less of the waiting than this, the
	// others count too.
	branchShare = 0.8
)

// trunk is the part of the waits' stacks that they share, and the waits above it.
type trunk struct {
	waits       []waits
	count       int64
	sum         int64
	first, last int64
	// fn is the frame of the function that makes the calls, by the first of them; its
	// index from the stack's root is depth. single says that all waits have one stack,
	// so that the loop is in fn or a caller.
	fn     stream.FrameID
	depth  int
	single bool
}

func (w *waits) mean() float64 { return float64(w.sum) / float64(w.count) }

// trunk walks down from the entry function as long as one call leads to most of the
// waiting, and returns the function where it branches.
func (p *pass) trunk(all []waits) trunk {
	long := slices.DeleteFunc(slices.Clone(all), func(w waits) bool {
		return w.mean() < waitShare*float64(p.tr.Now)
	})
	var longest float64
	for _, w := range long {
		longest = max(longest, w.mean())
	}
	long = slices.DeleteFunc(long, func(w waits) bool { return w.mean() < minorShare*longest })
	if len(long) == 0 {
		return trunk{}
	}
	depth := 0
	for {
		next := p.branch(long, depth)
		if next == nil {
			break
		}
		long = next
		depth++
	}
	t := trunk{waits: long, depth: depth, first: long[0].first, single: len(long) == 1}
	for _, w := range long {
		t.count += w.count
		t.sum += w.sum
		t.first = min(t.first, w.first)
		t.last = max(t.last, w.last)
	}
	frames := p.tr.FrameIDs(long[0].stack)
	t.fn = frames[max(0, len(frames)-1-depth)]
	return t
}

// branch returns the waits below the frame at the depth that leads to most of the
// waiting and to a series of waits, nil if none does or it is not one of user code.
func (p *pass) branch(long []waits, depth int) []waits {
	type below struct{ sum, count int64 }
	calls := make(map[stream.FrameID]below)
	var total int64
	for _, w := range long {
		total += w.sum
		if f := p.at(w.stack, depth); f != 0 {
			calls[f] = below{calls[f].sum + w.sum, calls[f].count + w.count}
		}
	}
	for f, b := range calls {
		if b.count < minWaits || float64(b.sum) < branchShare*float64(total) || !p.leadsOn(f, long, depth) {
			continue
		}
		return slices.DeleteFunc(slices.Clone(long), func(w waits) bool { return p.at(w.stack, depth) != f })
	}
	return nil
}

// at returns the frame at the depth, counted from the stack's root, 0 beyond its leaf.
func (p *pass) at(stack stream.StackID, depth int) stream.FrameID {
	frames := p.tr.FrameIDs(stack)
	if depth >= len(frames) {
		return 0
	}
	return frames[len(frames)-1-depth]
}

// leadsOn reports whether there is user code further down that the walk can get to.
func (p *pass) leadsOn(f stream.FrameID, long []waits, depth int) bool {
	for _, w := range long {
		if p.at(w.stack, depth) != f {
			continue
		}
		frames := p.tr.FrameIDs(w.stack)
		user := slices.Index(frames, p.tr.User(w.stack))
		if user >= 0 && len(frames)-1-depth > user {
			return true
		}
	}
	return false
}

// isSeries applies the thresholds.
func (t *trunk) isSeries(now int64) bool {
	if t.count < minWaits || float64(t.sum) < seriesShare*float64(t.last-t.first) || float64(t.sum) < wallShare*float64(now) {
		return false
	}
	return t.hasIO()
}

// hasIO reports whether the waits are more than one sleep again and again: enough
// waits for the outside world, or sleeps at enough different lines.
func (t *trunk) hasIO() bool {
	var io, lines int64
	for _, w := range t.waits {
		if w.reason == stream.Sleep {
			lines++
		} else {
			io += w.count
		}
	}
	return io+lines >= minWaits
}
