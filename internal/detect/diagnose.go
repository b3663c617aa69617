package detect

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// resources collects the locks of a finding; each gets its index once.
type resources struct {
	index map[*origin]int
	list  []finding.Resource
	// semaphores counts locks that were handed over at some time.
	semaphores int
}

func (r *resources) of(o *origin) int {
	if i, ok := r.index[o]; ok {
		return i
	}
	if r.index == nil {
		r.index = make(map[*origin]int)
	}
	i := len(r.list)
	r.index[o] = i
	r.list = append(r.list, finding.Resource{
		Kind:    o.kind,
		Name:    o.mark.Load().text(),
		Class:   callers.Expand(o.first[:]).Site(),
		Address: uint64(o.addr),
	})
	if o.semaphore.Load() {
		r.semaphores++
	}
	return i
}

func modeOf(m lockorder.Mode) finding.Mode {
	if m == lockorder.Shared {
		return finding.Shared
	}
	return finding.Exclusive
}

func stackOf(pcs []uintptr) finding.Stack { return callers.Expand(pcs).Trim() }

// creatorOf returns the go statement at pc. One inside the standard library (such
// as WaitGroup.Go's) says nothing that the end of the goroutine's stack does not.
func creatorOf(pc uintptr) finding.Frame {
	if pc == 0 {
		return finding.Frame{}
	}
	frame := callers.Expand([]uintptr{pc}).Site()
	if frame.IsStandard() {
		return finding.Frame{}
	}
	return frame
}

// finding turns a cycle of dependencies into a diagnosis. The locks of the ring
// are listed in the order that the fix proposes: A, B, C.
func (c *cycle) finding() finding.Finding {
	d := cycleDiagnosis{cycle: c, order: c.Order()}
	for _, id := range d.order {
		d.locks.of(c.origins[id])
	}
	f := finding.Finding{Rule: finding.RuleLockCycle, Certainty: finding.Potential, Severity: finding.Error}
	var ring []finding.Goroutine
	for i, dep := range c.Deps {
		ring = append(ring, d.goroutine(dep))
		f.Goroutines = append(f.Goroutines, ring[i])
		if c.Writers != nil && c.Writers[i].Lock != 0 {
			f.Goroutines = append(f.Goroutines, d.goroutine(c.Writers[i]))
		}
	}
	f.Resources = d.locks.list
	if d.locks.semaphores > 0 || c.Apart {
		f.Certainty = finding.Suspected
	}
	if len(ring) == 1 {
		wording.Recursion(&f)
		f.Detail += c.errands() + c.order()
		return f
	}
	f.Title = wording.CycleTitle(ring)
	f.Detail = "These goroutines have not met yet; scheduled at the same time, each can end up waiting for the next."
	if c.Writers != nil {
		f.Detail += " A reader does not wait for a reader, but it waits behind a writer who waits for one."
	}
	f.Detail += c.errands() + c.order()
	f.Fix = wording.CycleFix(ring, ring[c.Odd])
	f.Coffman = wording.Coffman(f.Resources, f.Goroutines, "could wait")
	wording.DescribeRing(&f, f.Resources)
	return f
}

// order says that the sides never meet, where that is so.
func (c *cycle) order() string {
	if !c.Apart {
		return ""
	}
	return " So far they never were: a go statement, a wait group, a channel or the like has put one before the other each time. It is reported because that was asked for."
}

// cycleDiagnosis collects the parts of a finding.
type cycleDiagnosis struct {
	*cycle
	order []lockorder.LockID
	locks resources
}

func (d *cycleDiagnosis) goroutine(dep lockorder.Dependency[*site]) finding.Goroutine {
	g := finding.Goroutine{ID: dep.Goroutine, Created: creatorOf(dep.Site.creator)}
	for _, h := range dep.Held {
		if slices.Contains(d.order, h.Lock) { // what else it held has no part in the ring
			g.Holds = append(g.Holds, finding.Hold{
				Resource: d.locks.of(d.origins[h.Lock]), Mode: modeOf(h.Mode), Stack: stackOf(h.Site.stack),
			})
		}
	}
	g.Wait = &finding.Wait{
		Resource: d.locks.of(d.origins[dep.Lock]), Mode: modeOf(dep.Mode), Stack: stackOf(dep.Site.stack),
	}
	return g
}

// deadlockFinding is the diagnosis of goroutines that wait for each other now;
// each of waits waits for the next.
func deadlockFinding(waits []*wait, now time.Time) finding.Finding {
	var locks resources
	for _, w := range waits {
		locks.of(w.lock.origin)
	}
	f := finding.Finding{Rule: finding.RuleDeadlock, Certainty: finding.Observed, Severity: finding.Error}
	ring := len(locks.list)
	for _, w := range waits {
		f.Goroutines = append(f.Goroutines, w.goroutine(&locks, now))
	}
	f.Resources = locks.list
	if locks.semaphores > 0 {
		f.Certainty = finding.Suspected
		f.Detail = "One of the locks was released by another goroutine than its holder before, so this wait may end."
	}
	wording.Deadlock(&f, f.Resources[:ring])
	return f
}

func (w *wait) goroutine(locks *resources, now time.Time) finding.Goroutine {
	g := finding.Goroutine{ID: w.node.Goroutine, Created: creatorOf(w.creator)}
	for _, h := range w.holds {
		g.Holds = append(g.Holds, finding.Hold{
			Resource: locks.of(h.lock.origin), Mode: modeOf(h.mode), Stack: stackOf(h.stack[:]),
		})
	}
	g.Wait = &finding.Wait{
		Resource: locks.of(w.lock.origin), Mode: modeOf(w.mode),
		Stack: stackOf(w.stack), Nanos: int64(now.Sub(w.since)),
	}
	return g
}

// selfDeadlockFinding is the diagnosis of a goroutine that waits for itself.
func selfDeadlockFinding(w *wait, now time.Time) finding.Finding {
	var locks resources
	locks.of(w.lock.origin)
	g := w.goroutine(&locks, now)
	f := wording.SelfDeadlock(g, w.lock.origin.kind)
	f.Resources = locks.list
	f.Measures = []finding.Measure{finding.Duration("waited", now.Sub(w.since))}
	if w.lock.origin.kind == finding.Once {
		wording.SelfOnce(&f)
	}
	return f
}
