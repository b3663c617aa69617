//go:build !concdoctor_off

package agent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/internal/callers"
	"github.com/concdoctor/concdoctor/agent/lockorder"
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
	f := finding.Finding{Rule: "lock-cycle", Certainty: finding.Potential, Severity: finding.Error}
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
		recursionText(&f)
		f.Detail += c.errands() + c.order()
		return f
	}
	f.Title = cycleTitle(ring)
	f.Detail = "These goroutines have not met yet; scheduled at the same time, each can end up waiting for the next."
	if c.Writers != nil {
		f.Detail += " A reader does not wait for a reader, but it waits behind a writer who waits for one."
	}
	f.Detail += c.errands() + c.order()
	f.Fix = cycleFix(ring, ring[c.Odd])
	f.Coffman = coffman(f.Resources, f.Goroutines, "could wait")
	describeRing(&f, f.Resources)
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

// cycleTitle names the places that ask. Where one line of code asks in every
// order (two accounts, each way), it names where that code takes both.
func cycleTitle(goroutines []finding.Goroutine) string {
	n := len(goroutines)
	if first := goroutines[0]; sameSite(goroutines) {
		held := first.Holds[len(first.Holds)-1].Stack.Site()
		return fmt.Sprintf("%s and %s take %d locks in conflicting orders", held, first.Wait.Stack.Site(), n)
	}
	if n == 2 {
		return ringSites(goroutines) + " take the same two locks in opposite orders"
	}
	return fmt.Sprintf("%s take %d locks in a ring", ringSites(goroutines), n)
}

func cycleFix(goroutines []finding.Goroutine, odd finding.Goroutine) string {
	if sameSite(goroutines) {
		return fmt.Sprintf("%s takes locks of one kind in whatever order it is given them: sort them first, by an id that never changes",
			odd.Wait.Stack.Site().ShortFunc())
	}
	return fmt.Sprintf("take the locks in one order everywhere: %s; change %s, which goes against it",
		labels(len(goroutines)), odd.Wait.Stack.Site())
}

// sameSite reports whether all ask at one line.
func sameSite(goroutines []finding.Goroutine) bool {
	for _, g := range goroutines {
		if g.Wait.Stack.Site() != goroutines[0].Wait.Stack.Site() {
			return false
		}
	}
	return true
}

// labels returns "A before B before C".
func labels(n int) string {
	var names []string
	for i := range n {
		names = append(names, finding.ResourceLabel(i))
	}
	return strings.Join(names, " before ")
}

// namedSites is how many places a title names before it counts the rest.
const namedSites = 3

// ringSites names where the goroutines ask, each place once: "f a.go:1 and g b.go:2".
func ringSites(goroutines []finding.Goroutine) string {
	var sites []string
	for _, g := range goroutines {
		if site := g.Wait.Stack.Site().String(); !slices.Contains(sites, site) {
			sites = append(sites, site)
		}
	}
	switch n := len(sites); {
	case n == 1:
		return sites[0]
	case n > namedSites:
		return fmt.Sprintf("%s and %d more", strings.Join(sites[:namedSites], ", "), n-namedSites)
	default:
		return strings.Join(sites[:n-1], ", ") + " and " + sites[n-1]
	}
}

// coffman says how each of the four conditions is met; verb is "waits" or
// "could wait".
func coffman(ring []finding.Resource, goroutines []finding.Goroutine, verb string) *finding.Coffman {
	var kinds, circle []string
	for i, r := range ring {
		kinds = append(kinds, finding.ResourceLabel(i)+" is a "+string(r.Kind))
	}
	for _, g := range goroutines {
		circle = append(circle, fmt.Sprintf("goroutine %d %s for %s", g.ID, verb, finding.ResourceLabel(g.Wait.Resource)))
	}
	yes := func(evidence string) finding.Condition { return finding.Condition{Holds: true, Evidence: evidence} }
	return &finding.Coffman{
		MutualExclusion: yes(strings.Join(kinds, ", ")),
		HoldAndWait:     yes("each goroutine keeps what it holds while it asks for more"),
		NoPreemption:    yes("Go takes a lock from nobody: only Unlock frees it"),
		CircularWait:    yes(strings.Join(circle, ", ")),
		Breaks:          "circular wait",
	}
}

// deadlockFinding is the diagnosis of goroutines that wait for each other now;
// each of waits waits for the next.
func deadlockFinding(waits []*wait, now time.Time) finding.Finding {
	var locks resources
	for _, w := range waits {
		locks.of(w.lock.origin)
	}
	f := finding.Finding{Rule: "deadlock", Certainty: finding.Observed, Severity: finding.Error}
	ring := len(locks.list)
	for _, w := range waits {
		f.Goroutines = append(f.Goroutines, w.goroutine(&locks, now))
	}
	f.Resources = locks.list
	if locks.semaphores > 0 {
		f.Certainty = finding.Suspected
		f.Detail = "One of the locks was released by another goroutine than its holder before, so this wait may end."
	}
	f.Title = fmt.Sprintf("%d goroutines wait for each other for ever, at %s", len(waits), ringSites(f.Goroutines))
	f.Fix = "take the locks in one order everywhere, for instance " + labels(ring) + ", so that no circle can form"
	if sameSite(f.Goroutines) {
		f.Fix = cycleFix(f.Goroutines, f.Goroutines[0])
	}
	f.Coffman = coffman(f.Resources[:ring], f.Goroutines, "waits")
	if isRecursion(f.Goroutines) {
		recursionText(&f)
	}
	describeRing(&f, f.Resources[:ring])
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
	f := finding.Finding{
		Rule: "self-deadlock", Certainty: finding.Potential, Severity: finding.Error,
		Resources: locks.list, Goroutines: []finding.Goroutine{g},
		Measures: []finding.Measure{finding.Duration("waited", now.Sub(w.since))},
	}
	held := finding.Frame{}
	for _, h := range g.Holds {
		if h.Resource == 0 {
			held = h.Stack.Site()
		}
	}
	f.Title = fmt.Sprintf("%s waits for a %s that the same goroutine took at %s", g.Wait.Stack.Site(), w.lock.origin.kind, held)
	f.Detail = "Only another goroutine could release it now; none has done so for this lock."
	f.Fix = "split the function into a part that locks and a part that expects the lock to be held, and call the second from under the lock"
	if _, reads := readsAndAsks(&g, finding.Exclusive); reads {
		upgradeText(&f)
	}
	if w.lock.origin.kind == finding.Once {
		selfOnce(&f)
	}
	return f
}
