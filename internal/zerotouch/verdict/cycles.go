package verdict

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// site is where a lock was taken or asked for.
type site struct {
	dep   *tape.Dependency // nil for a hold
	stack finding.Stack
}

// order is the lock-dependency graph of a process.
type order struct {
	*scene
	namer *naming.Namer
	graph *lockorder.Graph[*site]
	ids   map[key]lockorder.LockID
	locks map[lockorder.LockID]tape.Object
	told  told
	kinds *kinds
	// nested are requests to read by who reads already.
	nested map[key][]*tape.Dependency
	found  []past
}

// past is a finding about what the process once did.
type past struct {
	finding.Finding
	tests []string
}

// cycles returns the deadlocks that could happen: the order of locks has circles.
func (s *scene) cycles(namer *naming.Namer) []past {
	o := &order{
		scene: s, namer: namer, ids: make(map[key]lockorder.LockID), locks: make(map[lockorder.LockID]tape.Object), nested: make(map[key][]*tape.Dependency),
		// All that the tape has: it has bounds of its own.
		graph: lockorder.New[*site](lockorder.Options{MaxDependencies: max(len(s.Dependencies), lockorder.DefaultMaxDependencies)}),
	}
	o.graph.SetApart(func(a, b *lockorder.Dependency[*site]) bool { return s.apart(a.Site.dep, b.Site.dep) })
	o.kinds = newKinds(o)
	var cycles []lockorder.Cycle[*site]
	for _, d := range s.requests() {
		cycles = append(cycles, o.add(d)...)
	}
	for _, c := range o.told.fold(cycles) {
		o.report(&c)
	}
	o.recursions()
	o.kinds.report()
	return o.found
}

// requests are the dependencies in the order of time, those under nothing last: the
// graph wants to know of a writer only where it knows the lock.
func (s *scene) requests() []*tape.Dependency {
	all := make([]*tape.Dependency, len(s.Dependencies))
	for i := range s.Dependencies {
		all[i] = &s.Dependencies[i]
	}
	rank := func(d *tape.Dependency) int {
		if len(d.Held) == 0 {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b *tape.Dependency) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Time, b.Time))
	})
	return all
}

func (o *order) add(d *tape.Dependency) []lockorder.Cycle[*site] {
	k := keyOf(d.Lock)
	if d.Try || isNil(d.Lock) {
		return nil // it waits for nothing
	}
	for _, h := range d.Held {
		if keyOf(h.Object) == k {
			if d.Mode == lockorder.Shared && h.Mode == lockorder.Shared {
				o.nested[k] = append(o.nested[k], d)
			}
			return nil // it waits for itself
		}
	}
	dep := lockorder.Dependency[*site]{
		Goroutine: d.Goroutine, Lock: o.id(d.Lock), Mode: d.Mode, Site: &site{d, d.Stack},
	}
	for _, h := range d.Held {
		dep.Held = append(dep.Held, lockorder.Held[*site]{Lock: o.id(h.Object), Mode: h.Mode, Site: &site{stack: h.Stack}})
	}
	cycles, _ := o.graph.Add(dep)
	return cycles
}

func (o *order) id(obj tape.Object) lockorder.LockID {
	k := keyOf(obj)
	id, known := o.ids[k]
	if !known {
		id = lockorder.LockID(len(o.ids) + 1)
		o.ids[k], o.locks[id] = id, obj
	}
	return id
}

// report turns a cycle into a finding. The locks of the ring are listed in the order
// that the fix proposes.
func (o *order) report(c *lockorder.Cycle[*site]) {
	ring := c.Order()
	cast := &cast{scene: o.scene, namer: o.namer}
	for _, id := range ring {
		cast.lock(o.locks[id], o.takenAt(c, id))
	}
	f := finding.Finding{Rule: finding.RuleLockCycle, Certainty: finding.Potential, Severity: finding.Error}
	var goroutines []finding.Goroutine
	for i := range c.Deps {
		goroutines = append(goroutines, o.goroutine(cast, &c.Deps[i], ring))
		f.Goroutines = append(f.Goroutines, goroutines[i])
		if c.Writers != nil && c.Writers[i].Lock != 0 {
			f.Goroutines = append(f.Goroutines, o.goroutine(cast, &c.Writers[i], ring))
		}
	}
	f.Resources = cast.list
	f.Title = wording.CycleTitle(goroutines)
	f.Detail = "These goroutines have not met yet; scheduled at the same time, each can end up waiting for the next."
	if c.Writers != nil {
		f.Detail += " A reader does not wait for a reader, but it waits behind a writer who waits for one."
	}
	f.Fix = wording.CycleFix(goroutines, goroutines[c.Odd])
	f.Coffman = wording.Coffman(f.Resources, f.Goroutines, "could wait")
	wording.DescribeRing(&f, f.Resources)
	if why := o.doubt(c); why != "" {
		f.Certainty, f.Severity = finding.Suspected, finding.Warning
		f.Detail += " " + why
	}
	o.kinds.cover(c)
	o.found = append(o.found, past{f, testsOf(c.Deps)})
}

// doubt says why the sides of a cycle may never meet; "" if nothing speaks for it.
func (o *order) doubt(c *lockorder.Cycle[*site]) string {
	for _, d := range c.Deps {
		if o.isSemaphore(keyOf(o.locks[d.Lock]), o.takenAt(c, d.Lock)) {
			return "One of the locks was released by another goroutine than its holder, or another one that was taken at the same place, so it may be used as a signal."
		}
	}
	if c.Apart {
		return "So far they could not: a go statement, a wait group or the order of tests put one before the other, when each was seen first."
	}
	return ""
}

// takenAt is where a lock of the cycle was taken, for its name.
func (o *order) takenAt(c *lockorder.Cycle[*site], id lockorder.LockID) finding.Stack {
	for _, d := range c.Deps {
		for _, h := range d.Held {
			if h.Lock == id {
				return h.Site.stack
			}
		}
	}
	return nil
}

func (o *order) goroutine(c *cast, d *lockorder.Dependency[*site], ring []lockorder.LockID) finding.Goroutine {
	g := finding.Goroutine{ID: d.Goroutine, Created: creatorOf(d.Site.dep.Created)}
	for _, h := range d.Held {
		if slices.Contains(ring, h.Lock) { // what else it held has no part in the ring
			g.Holds = append(g.Holds, finding.Hold{
				Resource: c.lock(o.locks[h.Lock], h.Site.stack), Mode: modeOf(h.Mode), Stack: h.Site.stack.Trim(),
			})
		}
	}
	g.Wait = &finding.Wait{
		Resource: c.lock(o.locks[d.Lock], d.Site.stack), Mode: modeOf(d.Mode), Stack: d.Site.stack.Trim(),
	}
	return g
}

func testsOf(deps []lockorder.Dependency[*site]) (tests []string) {
	for _, d := range deps {
		if t := d.Site.dep.Test; t != "" && !slices.Contains(tests, t) {
			tests = append(tests, t)
		}
	}
	return tests
}

// recursions reports readers that read again where a writer is known that could come in
// between.
func (o *order) recursions() {
	for _, d := range o.requests() {
		k := keyOf(d.Lock)
		if d.Mode != lockorder.Exclusive || d.Try || d.Lock.Kind != tape.RWMutex || len(o.nested[k]) == 0 {
			continue
		}
		for i, reader := range o.nested[k] {
			if reader.Goroutine == d.Goroutine || o.gated(reader, d) {
				continue
			}
			o.recursion(reader, d)
			o.nested[k] = slices.Delete(slices.Clone(o.nested[k]), i, i+1)
			break
		}
	}
}

// gated reports whether a lock that both hold keeps a nested reader and a writer apart.
func (o *order) gated(reader, writer *tape.Dependency) bool {
	return slices.ContainsFunc(writer.Held, func(w tape.Hold) bool {
		return slices.ContainsFunc(reader.Held, func(r tape.Hold) bool {
			return keyOf(w.Object) == keyOf(r.Object) && r.Mode.Conflicts(w.Mode)
		})
	})
}

func (o *order) recursion(reader, writer *tape.Dependency) {
	cast := &cast{scene: o.scene, namer: o.namer}
	lock := cast.lock(reader.Lock, reader.Stack)
	f := finding.Finding{Rule: finding.RuleRLockRecursion, Certainty: finding.Potential, Severity: finding.Error}
	reads := finding.Goroutine{ID: reader.Goroutine, Created: creatorOf(reader.Created), Wait: &finding.Wait{Resource: lock, Mode: finding.Shared, Stack: reader.Stack.Trim()}}
	for _, h := range reader.Held {
		if keyOf(h.Object) == keyOf(reader.Lock) {
			reads.Holds = append(reads.Holds, finding.Hold{Resource: lock, Mode: finding.Shared, Stack: h.Stack.Trim()})
		}
	}
	writes := finding.Goroutine{ID: writer.Goroutine, Created: creatorOf(writer.Created), Wait: &finding.Wait{Resource: lock, Mode: finding.Exclusive, Stack: writer.Stack.Trim()}}
	f.Goroutines = []finding.Goroutine{reads, writes}
	f.Resources = cast.list
	wording.Recursion(&f)
	if o.isSemaphore(keyOf(reader.Lock), writer.Stack) || o.apart(reader, writer) {
		f.Certainty, f.Severity = finding.Suspected, finding.Warning
		f.Detail += " So far the writer could not come in between: a go statement, a wait group or the order of tests put one before the other."
	}
	o.found = append(o.found, past{f, testsOf([]lockorder.Dependency[*site]{{Site: &site{dep: reader}}, {Site: &site{dep: writer}}})})
}
