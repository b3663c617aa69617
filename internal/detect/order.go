package detect

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// order is the lock-dependency graph of the process.
//
// A leaf, which is a lock under which no other was ever requested, can be on no cycle.
// Requests for a leaf are kept in the record of the lock, and enter the graph when
// something is requested under it. So the graph does not grow with the millions of locks
// in a program's data, and what is known about them is collected with them.
type order struct {
	// mu protects all fields, and the part of each lock's record that says so. It is a
	// leaf: nothing else is locked under it.
	mu    sync.Mutex
	graph lockorder.Graph[*site]
	// locks are the locks that the graph may refer to.
	locks map[lockorder.LockID]weak.Pointer[lockRecord]
	// declared is the order that the program has declared; see Ordered.
	declared lockorder.Declared[rank, *site]
	classes  *orderClasses
	reported cycle.Folder[*site]

	droppedSaid atomic.Bool // see noteDropped
}

// init makes the graph ready.
func (o *order) init() {
	o.graph.SetApart(neverConcurrent)
	o.graph.SetAgain(madeAgain)
	o.graph.SetPlaces(func(id lockorder.LockID) *lockorder.Place {
		if l := o.locks[id].Value(); l != nil {
			l.place.CompareAndSwap(nil, new(lockorder.Place))
			return l.place.Load()
		}
		return nil
	})
	o.clear()
}

// clear makes the graph empty.
func (o *order) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.graph.Clear()
	o.reported = cycle.Folder[*site]{}
	o.declared = lockorder.Declared[rank, *site]{}
	if o.classes == nil {
		o.classes = newOrderClasses()
	}
	o.classes.clear()
}

// maxPending is the number of requests that the record of a leaf keeps. A lock that is
// requested in more ways is better in the graph.
const maxPending = 8

// site is where a lock was acquired or requested; it is a cycle.Site.
type site struct {
	description *description
	stack       []uintptr
	creator     uintptr // the program counter of the go statement that created the goroutine
	at          moment  // when it was requested
	again       *later  // and later, after others had learned of the first time; see turns
	via         uint64  // the goroutine that made the request under a delegation; else 0
}

// request is a goroutine's request for a lock under others.
type request struct {
	goroutine uint64
	key       uint64 // see Goroutine.key
	creator   uintptr
	at        moment
	again     *later // see site
	chain     uint64 // the chain key with the lock
	mode      lockorder.Mode
	stack     callers.Short
	holds     []hold
	via       uint64 // see site
	delegated bool   // made under a delegation: it may be one under the parent's locks too
}

func (s *site) Frames() finding.Stack { return callers.Expand(s.stack) }

func (s *site) Lock() judge.Object { return s.description }

func (s *site) Created() finding.Frame { return creatorOf(s.creator) }

func (s *site) Via() uint64 { return s.via }

func (s *site) Unowned() bool { return s.description.mayEndElsewhere(s.stack) }

// depend notes that the goroutine requests l under the locks that it holds, in a way that is
// not known yet. It needs little stack: a small goroutine that has to grow its stack pays more
// for that than for the rest.
//
//go:norace
//go:noinline
func (g *Goroutine) depend(l *lockRecord, mode lockorder.Mode) {
	if g.n > 0 && !std.order.classes.passes(g, l, mode) || g.delegation != nil {
		g.addDependency(l, mode)
	}
}

// addDependency adds to the order graph that the goroutine requests l under the locks that
// it holds, and reports the cycles that this completes.
//
//go:norace
//go:noinline
func (g *Goroutine) addDependency(l *lockRecord, mode lockorder.Mode) {
	g.enter()
	defer g.leave()
	g.compact()
	if g.n == 0 && g.delegation == nil {
		return
	}
	g.settleAll()
	r := request{
		goroutine: g.inside, key: g.key, creator: g.creator, at: g.moment(), chain: extend(g.hash, l.id, mode),
		mode: mode, holds: g.snapshot(), delegated: g.delegation != nil,
	}
	callers.Take(&r.stack)
	if r.delegated {
		g.recordDelegated(l, &r)
	}
	std.protect(func() {
		if len(r.holds) == 0 {
			std.order.remember(l, &r)
			return
		}
		std.edges.add(l, &r)
		found, dropped := std.order.add(l, &r)
		std.order.noteDropped(dropped)
		std.sink.diagnose(found)
	})
}

// add takes a request for l and returns the cycles that it completes, and the declared orders
// that it violates. It counts the dependencies that were dropped so far, for want of memory.
func (o *order) add(l *lockRecord, r *request) (found []diagnosis, dropped uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, v := range o.violations(l, r) {
		found = append(found, &v)
	}
	var cycles []lockorder.Cycle[*site]
	for i := range r.holds {
		cycles = append(cycles, o.promote(r.holds[i].lock)...)
	}
	more, known := o.addRequest(l, r)
	closed, apart := splitApart(o.reported.Fold(append(cycles, more...)))
	for _, c := range closed {
		found = append(found, c)
		o.classes.cover(&c)
	}
	if found == nil && !r.holdsItself(l) { // else there is better evidence
		for _, i := range o.classes.add(l, r) {
			found = append(found, i)
		}
	}
	for _, c := range apart {
		found = append(found, apartCycle{c})
	}
	if known != lockorder.KnownNever {
		l.remember(r, known == lockorder.KnownForAll && !r.delegated)
	}
	return found, o.graph.Stats().Dropped
}

// splitApart returns the cycles that can close by what is known, and those that cannot.
func splitApart(cycles []cycle.Cycle[*site]) (closed, apart []cycle.Cycle[*site]) {
	for _, c := range cycles {
		if c.Apart {
			apart = append(apart, c)
		} else {
			closed = append(closed, c)
		}
	}
	return closed, apart
}

// apartCycle is a cycle that cannot close by what is known.
type apartCycle struct{ cycle.Cycle[*site] }

// isAskedFor reports whether it is a finding.
func (apartCycle) isAskedFor(o *policy.Options) bool { return o.Ordered == policy.ReportOrdered }

// remember notes that a goroutine made the request under a delegation, without holding
// anything itself.
func (o *order) remember(l *lockRecord, r *request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.remember(r, false)
}

// addRequest adds the request to the record of l or to the graph.
func (o *order) addRequest(l *lockRecord, r *request) (found []lockorder.Cycle[*site], known lockorder.Known) {
	if r.holdsItself(l) {
		if r.readsOnly(l) {
			return o.addNested(l, r)
		}
		return nil, lockorder.KnownForAll // a self-deadlock: see registry
	}
	if known, kept := l.keepPending(r); kept {
		o.classes.noteOrders(l, r)
		return nil, known
	}
	found = o.promote(l)
	cycles, known := o.insert(l, r)
	return append(found, cycles...), known
}

// promote adds l to the graph, with its pending requests: it is not a leaf any more.
func (o *order) promote(l *lockRecord) (found []lockorder.Cycle[*site]) {
	if l.outer {
		return nil
	}
	l.outer = true
	for i := range l.pending {
		cycles, _ := o.insert(l, &l.pending[i])
		found = append(found, cycles...)
	}
	l.pending = nil
	return found
}

// isOuter reports whether something was requested under l.
func (o *order) isOuter(l *lockRecord) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return l.outer
}

// insert puts a request into the graph.
func (o *order) insert(l *lockRecord, r *request) (found []lockorder.Cycle[*site], known lockorder.Known) {
	if l.dropped || slices.ContainsFunc(r.holds, func(h hold) bool { return h.lock.dropped }) {
		return nil, lockorder.KnownForAll // it was dropped while the request was pending
	}
	found, known = o.graph.Add(o.dependency(l, r))
	o.reexamineApart(found)
	found = append(found, o.addWriters(l)...)
	for i := range r.holds {
		found = append(found, o.addWriters(r.holds[i].lock)...)
	}
	o.classes.noteOrders(l, r)
	return found, known
}

// dependency returns the request in the terms of the graph, which will refer to its locks.
func (o *order) dependency(l *lockRecord, r *request) lockorder.Dependency[*site] {
	o.register(l)
	for i := range r.holds {
		o.register(r.holds[i].lock)
	}
	return r.dependency(l)
}

// dependency returns the request in the terms of the graph. It keeps the descriptions of
// locks and not their records, which are collected with the locks.
func (r *request) dependency(l *lockRecord) lockorder.Dependency[*site] {
	d := lockorder.Dependency[*site]{
		Goroutine: r.goroutine,
		Lock:      l.id,
		Mode:      r.mode,
		Held:      make([]lockorder.Held[*site], len(r.holds)),
		Site:      &site{description: l.description, stack: r.stack.PCs(), creator: r.creator, at: r.at, again: r.again, via: r.via},
	}
	for i := range r.holds {
		h := &r.holds[i]
		d.Held[i] = lockorder.Held[*site]{Lock: h.lock.id, Mode: h.mode, Site: &site{description: h.lock.description, stack: h.stack.PCs()}}
	}
	return d
}

// reexamineApart reexamines the cycles that cannot close by what is known now.
func (o *order) reexamineApart(cycles []lockorder.Cycle[*site]) {
	for _, c := range cycles {
		if c.Apart {
			o.reexamine(c)
		}
	}
}

// register makes the graph forget the lock when its record is collected.
func (o *order) register(l *lockRecord) {
	if l.inGraph {
		return
	}
	if o.locks == nil {
		o.locks = make(map[lockorder.LockID]weak.Pointer[lockRecord])
	}
	l.inGraph = true
	o.locks[l.id] = weak.Make(l)
	runtime.AddCleanup(l, o.forget, l.id)
}

// drop forgets a lock for which the program has called Forget.
func (o *order) drop(l *lockRecord) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.dropped = true
	o.remove(l.id)
}

// forget forgets a lock whose record was collected.
func (o *order) forget(id lockorder.LockID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(id)
}

func (o *order) remove(id lockorder.LockID) {
	delete(o.locks, id)
	o.declared.Forget(rank{id: id})
	o.graph.Forget(id)
}

// isOuter reports whether something was requested under l.
func (l *lockRecord) isOuter() bool { return std.order.isOuter(l) }

// keepPending keeps the request in the record of l, if l is a leaf and has room.
func (l *lockRecord) keepPending(r *request) (known lockorder.Known, kept bool) {
	if l.outer || len(l.pending) >= maxPending {
		return known, false
	}
	l.kept.Store(true)
	if l.place.Load() != nil {
		return known, false // something is being requested under it: see placed
	}
	same := 1
	for i := range l.pending {
		if p := &l.pending[i]; p.chain == r.chain {
			if p.goroutine == r.goroutine {
				p.again = withMoment(p.at, p.again, r.at)
				return lockorder.KnownOnce, true
			}
			same++
		}
	}
	l.pending = append(l.pending, *r)
	if same >= lockorder.MaxGoroutines {
		return lockorder.KnownForAll, true
	}
	return lockorder.KnownOnce, true
}

func (r *request) holdsItself(l *lockRecord) bool {
	return slices.ContainsFunc(r.holds, func(h hold) bool { return h.lock == l })
}

// knows reports whether the request with this chain key was made before: by this goroutine,
// or by so many that another one makes no difference. The first chain of a lock is
// remembered in its record, since most locks are acquired in one way; the chain cache has
// the rest.
func (l *lockRecord) knows(chain, key uint64) bool {
	return l.isUsual(chain, key) || std.chains.seen(chain^l.salt.Load(), key)
}

// isUsual is the half of knows that is small enough to be inlined.
func (l *lockRecord) isUsual(chain, key uint64) bool {
	seen := l.seen.Load()
	return seen == chain || seen == own(chain, key)
}

// remember notes that the request was made; if saturated, by so many goroutines that another
// one makes no difference.
func (l *lockRecord) remember(r *request, saturated bool) {
	if l.chain == 0 {
		l.chain = r.chain
	}
	switch {
	case l.chain == r.chain && saturated:
		l.seen.Store(r.chain)
	case l.chain == r.chain && l.seen.CompareAndSwap(0, own(r.chain, r.key)):
	default:
		std.chains.add(r.chain^l.salt.Load(), r.key, saturated)
	}
}

// unlearn makes all requests for l new ones again.
func (l *lockRecord) unlearn() {
	l.seen.Store(0)
	l.salt.Add(0x9e3779b97f4a7c15)
	l.writer.Store(0)
}
