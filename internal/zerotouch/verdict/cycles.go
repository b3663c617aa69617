package verdict

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// order is the lock-dependency graph of a process.
type order struct {
	*scene
	graph *lockorder.Graph[*site]
	ids   map[key]lockorder.LockID
	// requests are all of them, by time.
	requests []*request
	found    []past
}

// past is a finding about what the process once did.
type past struct {
	finding.Finding
	tests []string
	// members are living goroutines that wait, which it explains.
	members []*tape.Goroutine
}

// cycles returns the deadlocks that could happen: the order of locks has cycles. Those
// between instances come first, since they are better evidence than classes.
func (s *scene) cycles() []past {
	o := &order{
		scene: s, ids: make(map[key]lockorder.LockID), requests: s.requests(),
		// All that the tape has: it has bounds of its own.
		graph: lockorder.New[*site](lockorder.Options{MaxDependencies: max(len(s.Dependencies), lockorder.DefaultMaxDependencies)}),
	}
	o.graph.SetApart(o.areApart)
	classes := newClasses(o)
	var cycles []lockorder.Cycle[*site]
	for _, d := range o.requests {
		if !d.Try && !isNil(d.Lock) && !asksForHeld(d) { // else it waits for nothing, or for itself
			found, _ := o.graph.Add(o.dependency(d))
			cycles = append(cycles, found...)
		}
	}
	for _, c := range new(cycle.Folder[*site]).Fold(cycles) {
		classes.cover(&c)
		c.Semaphores = o.semaphores(&c)
		o.report(c.Finding(), c.Deps...)
	}
	o.recursions()
	classes.report()
	return o.found
}

func (o *order) areApart(a, b *lockorder.Dependency[*site]) bool {
	return o.apart(a.Site.dep, b.Site.dep)
}

func (o *order) report(f finding.Finding, deps ...lockorder.Dependency[*site]) {
	o.found = append(o.found, past{Finding: f, tests: testsOf(deps)})
}

// requests are the dependencies in the order of time, those under nothing last: the
// graph wants to know of a writer only where it knows the lock.
func (s *scene) requests() []*request {
	var all []*request
	same := make(map[string]*occurrences)
	for i := range s.Dependencies {
		if d := s.withoutQueues(&s.Dependencies[i]); d != nil {
			all = append(all, s.newRequest(d, same))
		}
	}
	rank := func(d *request) int {
		if len(d.Held) == 0 {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b *request) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Time, b.Time))
	})
	return all
}

func asksForHeld(d *request) bool {
	return slices.ContainsFunc(d.Held, func(h tape.Hold) bool { return keyOf(h.Object) == keyOf(d.Lock) })
}

func testsOf(deps []lockorder.Dependency[*site]) (tests []string) {
	for _, d := range deps {
		if t := d.Site.dep.Test; t != "" && !slices.Contains(tests, t) {
			tests = append(tests, t)
		}
	}
	return tests
}

// nestedRead is a lock that is read twice, and the places.
type nestedRead struct {
	lock         key
	outer, inner finding.Frame
}

// recursions reports, once for each place, goroutines that read again what they read
// already, where a writer is known.
func (o *order) recursions() {
	readers := make(map[nestedRead][]lockorder.Dependency[*site])
	writers := make(map[key][]lockorder.Dependency[*site])
	var places []nestedRead
	for _, d := range o.requests {
		switch {
		case d.Try || d.Lock.Kind != tape.RWMutex:
		case d.Mode == lockorder.Exclusive:
			writers[keyOf(d.Lock)] = append(writers[keyOf(d.Lock)], o.dependency(d))
		case asksForHeld(d):
			at := placeOf(d)
			if readers[at] == nil {
				places = append(places, at)
			}
			readers[at] = append(readers[at], o.dependency(d))
		}
	}
	for _, at := range places {
		if c, ok := cycle.Recursion(readers[at], writers[at.lock], o.areApart); ok {
			o.report(c.Finding(), c.Deps[0], c.Writers[0])
		}
	}
}

func placeOf(d *request) nestedRead {
	at := nestedRead{lock: keyOf(d.Lock), inner: d.Stack.Site()}
	for _, h := range d.Held {
		if keyOf(h.Object) == at.lock {
			at.outer = h.Stack.Site()
		}
	}
	return at
}
