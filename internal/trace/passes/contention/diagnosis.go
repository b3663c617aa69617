package contention

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// Waits below both bounds are what locks cost in every healthy program: a hundredth
	// of the run, and one preemption of a holder (the scheduler's time slice is 10 ms).
	minWallShare = 0.01
	minLost      = 10_000_000
	// minPressure is the share of the time of goroutines that could have run.
	minPressure = 0.01
	// topPlaces bounds a finding's places of one role; minor ones are left out too.
	topPlaces = 3
	// mostly is the larger part of something.
	mostly     = 0.5
	minorShare = 0.1
	// So many wakes out of order, fewOutOfOrder at least, mean a class of several
	// instances: two busy ones have a third to a half. A single mutex has hardly any:
	// 3 % at most were seen beside two programs that kept both processors busy.
	// Note: with the wakes after a lost race counted it came to 29 % there.
	severalShare  = 0.25
	fewOutOfOrder = 5
)

// wait is one stack that waits for a class, hold one that is to blame, and
// underLock a park of a holder.
type wait struct {
	stack stream.StackID
	*waitTally
}

type hold struct {
	stack stream.StackID
	*holdTally
}

type underLock struct {
	parkKey
	*parkTally
}

// diagnosis is all that is known of one lock class at the end.
type diagnosis struct {
	p *pass
	*class
	kind      kind
	waits     []wait // most waited first
	holds     []hold // most to blame first
	parks     []underLock
	pairs     []*replay.Pair
	delays    chart.Histogram
	when      chart.Timeline
	parked    int64 // of the delays
	open      int64 // waits that the trace's end cut off, the first begun at openSince
	openSince int64
	blamed    int64

	waitAt, holdAt map[string]int // indices by callers
}

// diagnose gathers the tallies by class, most waited for first.
func (p *pass) diagnose() []*diagnosis {
	byRoot := make(map[lineID]*diagnosis)
	of := func(id lineID) *diagnosis {
		root := p.classes.find(id)
		d := byRoot[root]
		if d == nil {
			d = &diagnosis{p: p, class: p.classes.class[root], kind: p.classes.lines[root].kind,
				waitAt: make(map[string]int), holdAt: make(map[string]int)}
			d.class.wait(p.moment(), 0)
			byRoot[root] = d
		}
		return d
	}
	for stack, t := range p.waits {
		d := of(t.lock)
		d.addWait(stack, t)
		d.parked += t.parked
		if d.open == 0 || t.open > 0 && t.openSince < d.openSince {
			d.openSince = t.openSince
		}
		d.open += t.open
	}
	for lock, t := range p.lines {
		d := of(lock)
		d.delays.Merge(&t.delays)
		d.when.Merge(&t.when)
	}
	for key, t := range p.pairs {
		d := of(key.lock)
		d.pairs = append(d.pairs, t)
	}
	for stack, t := range p.holds {
		d := of(t.unlock)
		d.addHold(stack, t)
		d.blamed += t.nanos
	}
	for key, t := range p.parks {
		d := of(p.holds[key.unlock].unlock)
		d.parks = append(d.parks, underLock{key, t})
	}
	all := make([]*diagnosis, 0, len(byRoot))
	for _, d := range byRoot {
		d.sort()
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *diagnosis) int {
		return cmp.Or(cmp.Compare(b.delays.Sum, a.delays.Sum), cmp.Compare(a.waits[0].stack, b.waits[0].stack))
	})
	return all
}

// addWait and addHold join stacks that differ only within package sync.
func (d *diagnosis) addWait(stack stream.StackID, t *waitTally) {
	i, known := d.same(stack, d.waitAt, len(d.waits))
	if !known {
		copied := *t
		d.waits = append(d.waits, wait{stack, &copied})
		return
	}
	w := &d.waits[i]
	w.stack = min(w.stack, stack)
	w.count += t.count
	w.nanos += t.nanos
	w.max = max(w.max, t.max)
	w.parked += t.parked
	if w.open == 0 || t.open > 0 && t.openSince < w.openSince {
		w.openSince = t.openSince
	}
	w.open += t.open
}

func (d *diagnosis) addHold(stack stream.StackID, t *holdTally) {
	i, known := d.same(stack, d.holdAt, len(d.holds))
	if !known {
		copied := *t
		d.holds = append(d.holds, hold{stack, &copied})
		return
	}
	h := &d.holds[i]
	h.stack = min(h.stack, stack)
	h.nanos += t.nanos
	h.wakes += t.wakes
	h.count += t.count
	h.held += t.held
	h.exact += t.exact
}

// same returns the index under which a stack with the same callers was added, or
// remembers next for this one.
func (d *diagnosis) same(stack stream.StackID, at map[string]int, next int) (int, bool) {
	var key []byte
	ids := d.p.tr.FrameIDs(stack)
	for _, id := range ids[max(0, slices.Index(ids, d.p.tr.Site(stack))):] {
		key = binary.LittleEndian.AppendUint32(key, uint32(id))
	}
	i, known := at[string(key)]
	if !known {
		at[string(key)] = next
	}
	return i, known
}

func (d *diagnosis) sort() {
	slices.SortFunc(d.waits, func(a, b wait) int {
		return cmp.Or(cmp.Compare(b.nanos, a.nanos), cmp.Compare(a.stack, b.stack))
	})
	slices.SortFunc(d.holds, func(a, b hold) int {
		return cmp.Or(cmp.Compare(b.nanos, a.nanos), cmp.Compare(a.stack, b.stack))
	})
	slices.SortFunc(d.parks, func(a, b underLock) int {
		return cmp.Or(cmp.Compare(b.lost, a.lost), cmp.Compare(a.park, b.park), cmp.Compare(a.unlock, b.unlock))
	})
}

// utilisation is the share of the trace in which a goroutine waited.
func (d *diagnosis) utilisation() float64 { return finding.Fraction(d.busy, d.p.tr.Now) }

// parallelism is how many goroutines ran on average while another one waited.
func (d *diagnosis) parallelism() float64 { return finding.Fraction(d.busyRan, d.busy) }

// pressure is what the waits are of all time in which user goroutines ran, were
// ready or waited for locks.
func (d *diagnosis) pressure() float64 {
	return finding.Fraction(d.delays.Sum, d.p.running+d.p.runnable+d.p.waited)
}

// starved reports whether most of the delays were no lock's fault: the waiter, or
// the next holder before it, had been woken and waited for a processor.
func (d *diagnosis) starved() bool {
	return finding.Fraction(d.delays.Sum-d.parked+d.handover, d.delays.Sum) >= mostly
}

// matters reports whether lost time is worth a word.
func (d *diagnosis) matters(lost int64) bool {
	return lost >= minLost && finding.Fraction(lost, d.p.tr.Now) >= minWallShare
}

// users reports whether a line of the user's code waits for the class.
func (d *diagnosis) users() bool {
	return d.kind != internal && slices.ContainsFunc(d.waits, func(w wait) bool { return d.p.tr.User(w.stack) != 0 })
}

// resource describes the class. Its frame is the first by name of those that wait
// for a good part, so that it is the same in every run.
func (d *diagnosis) resource() finding.Resource {
	kinds := [...]finding.ResourceKind{mutex: finding.Mutex, rwmutex: finding.RWMutex, once: finding.Once, internal: finding.Mutex}
	r := finding.Resource{Kind: kinds[d.kind]}
	for i, w := range d.waits {
		f := d.p.site(w.stack)
		if i > 0 && finding.Fraction(w.nanos, d.delays.Sum) < minorShare {
			break
		}
		if i == 0 || cmp.Or(strings.Compare(f.Func, r.Class.Func), cmp.Compare(f.Line, r.Class.Line)) < 0 {
			r.Class = f
		}
	}
	return r
}

// noun is the lock in a title, with its article.
func (d *diagnosis) noun() string {
	return [...]string{mutex: "a mutex", rwmutex: "an RWMutex", once: "a sync.Once", internal: "an internal lock"}[d.kind]
}

// site is the frame to name: the user's, or the standard library's that locks.
func (p *pass) site(stack stream.StackID) finding.Frame {
	if f := p.tr.User(stack); f != 0 {
		return p.tr.Frame(f).Frame
	}
	site := p.tr.Frame(p.tr.Site(stack))
	if !site.Machinery {
		return site.Frame
	}
	for _, id := range p.tr.FrameIDs(stack) { // a stack within the machinery
		switch f := p.tr.Frame(id); f.Package() {
		case "sync", "internal/sync", "runtime":
		default:
			return f.Frame
		}
	}
	return site.Frame
}

// waitPlaces are the lines that wait most.
func (d *diagnosis) waitPlaces() []finding.Place {
	var places []finding.Place
	for i, w := range d.waits {
		share := finding.Fraction(w.nanos, d.delays.Sum)
		if i == topPlaces || i > 0 && share < minorShare {
			break
		}
		delays := &d.p.lines[w.lock].delays // of all stacks with this line
		places = append(places, finding.Place{
			Role:  "waits here",
			Stack: d.p.tr.Stack(w.stack).Trim(),
			Measures: []finding.Measure{
				finding.Duration("waits in total", w.nanos), finding.Share("of all waits", share), finding.Number("times", w.count),
				finding.Duration("p50", delays.Quantile(0.5)), finding.Duration("p95", delays.Quantile(0.95)), finding.Duration("max", w.max),
			},
		})
	}
	return places
}

// holdPlaces are the lines that make others wait most, under the given role.
func (d *diagnosis) holdPlaces(role string) []finding.Place {
	var places []finding.Place
	for i, h := range d.holds {
		share := finding.Fraction(h.nanos, d.blamed)
		if i == topPlaces || i > 0 && share < minorShare || h.nanos == 0 {
			break
		}
		places = append(places, finding.Place{
			Role:     role,
			Stack:    d.p.tr.Stack(h.stack).Trim(),
			Measures: []finding.Measure{finding.Duration("makes others wait", h.nanos), finding.Share("share", share)},
		})
	}
	return places
}
