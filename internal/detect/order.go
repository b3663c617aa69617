package detect

import (
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// order is the lock-dependency graph of the process.
//
// A lock under which nothing was ever asked for, a leaf, can be on no cycle. What
// is asked for a leaf waits in the lock's own record, and enters the graph when
// the leaf turns out to be none. So the graph does not grow with the million
// locks of a program's data, and what is known of them goes with them.
type order struct {
	// mu protects all fields and the part of every lock's record that says so. It
	// is a leaf itself: nothing else is locked under it.
	mu      sync.Mutex
	graph   lockorder.Graph[*site]
	origins map[lockorder.LockID]known
	// declared is the order that the program declared; see Ordered.
	declared lockorder.Declared[rank, *site]
	kinds    *kinds
	// told are the places of the cycles that were found, orderly those of cycles that
	// cannot close by what is known: the ones say nothing of the others.
	told, orderly told
}

// known is what a report needs of a lock in the graph, and the lock.
type known struct {
	origin *origin
	lock   weak.Pointer[lockRecord]
}

// clear makes the graph empty.
func (o *order) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.graph, o.told, o.orderly = lockorder.Graph[*site]{}, told{}, told{}
	o.graph.SetApart(apart)
	o.declared = lockorder.Declared[rank, *site]{}
	if o.kinds == nil {
		o.kinds = newKinds()
	}
	o.kinds.Clear()
}

// maxPending is how many requests wait in the record of a leaf: a lock that is
// taken under more different locks than this is better off in the graph.
const maxPending = 8

// site is where a lock was acquired or asked for.
type site struct {
	stack   []uintptr
	creator uintptr // of the goroutine: the go statement
	at      moment  // when it was asked for
	via     uint64  // who made the request for the goroutine, on an errand; else 0
}

// request is a goroutine asking for a lock under others.
type request struct {
	goroutine uint64
	creator   uintptr
	at        moment
	chain     uint64 // the chain key with the lock
	mode      lockorder.Mode
	stack     callers.Short
	holds     []hold
	via       uint64 // see site
	errand    bool   // made on an errand: it may be one under the parent's locks too
}

// cycle is a lockorder.Cycle with the origins of its locks.
type cycle struct {
	lockorder.Cycle[*site]
	origins map[lockorder.LockID]*origin
}

// depend tells the order graph that the goroutine asks for l under the locks that
// it holds, and reports the cycles which that completes.
//
//go:norace
//go:noinline
func (g *Goroutine) depend(l *lockRecord, mode lockorder.Mode) {
	g.enter()
	defer g.leave()
	g.compact()
	if g.n == 0 && g.errand == nil {
		return
	}
	r := request{
		goroutine: g.inside, creator: g.creator, at: g.moment(), chain: extend(g.hash, l.id, mode),
		mode: mode, holds: g.snapshot(), errand: g.errand != nil,
	}
	callers.Take(&r.stack)
	if r.errand {
		g.note(l, &r)
	}
	std.protect(func() {
		if len(r.holds) == 0 {
			std.order.remember(l, &r)
			return
		}
		std.edges.add(l, &r)
		std.sink.diagnose(std.order.add(l, &r))
	})
}

// add takes a request for l and returns the cycles that it completes, and how it
// goes against what is declared.
func (o *order) add(l *lockRecord, r *request) (found []diagnosis) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, v := range o.violations(l, r) {
		found = append(found, &v)
	}
	var cycles []cycle
	for i := range r.holds {
		cycles = append(cycles, o.open(r.holds[i].lock)...)
	}
	more, known := o.take(l, r)
	cycles, orderly := splitApart(append(cycles, more...))
	for _, c := range o.told.fold(cycles) {
		found = append(found, &c)
		o.kinds.cover(&c)
	}
	if found == nil && !r.holdsItself(l) { // else there is better evidence
		for _, i := range o.kinds.add(l, r) {
			found = append(found, &i)
		}
	}
	for _, c := range o.orderly.fold(orderly) {
		found = append(found, &c)
	}
	if known != lockorder.KnownNever {
		l.remember(r, known == lockorder.KnownForAll && !r.errand)
	}
	return found
}

// splitApart returns the cycles that can close by what is known, and those that cannot.
func splitApart(cycles []cycle) (real, orderly []cycle) {
	for _, c := range cycles {
		if c.Apart {
			orderly = append(orderly, c)
		} else {
			real = append(real, c)
		}
	}
	return real, orderly
}

// isAskedFor reports whether a cycle that cannot close by what is known is a finding.
func (c *cycle) isAskedFor(o *policy.Options) bool {
	return !c.Apart || o.Ordered == policy.ReportOrdered
}

// remember notes that a goroutine on an errand made the request with nothing held.
func (o *order) remember(l *lockRecord, r *request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.remember(r, false)
}

// take puts the request where it belongs.
func (o *order) take(l *lockRecord, r *request) (found []cycle, known lockorder.Known) {
	if r.holdsItself(l) {
		if r.readsOnly(l) {
			return o.readTwice(l, r)
		}
		return nil, lockorder.KnownForAll // it waits for itself: see registry
	}
	if known, parked := l.park(r); parked {
		return nil, known
	}
	found = o.open(l)
	cycles, known := o.insert(l, r)
	return append(found, cycles...), known
}

// open makes l a lock of the graph: it is no leaf.
func (o *order) open(l *lockRecord) (found []cycle) {
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

// isOuter reports whether something was asked for under l.
func (o *order) isOuter(l *lockRecord) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return l.outer
}

// insert puts a request into the graph.
func (o *order) insert(l *lockRecord, r *request) (found []cycle, known lockorder.Known) {
	if l.dropped || slices.ContainsFunc(r.holds, func(h hold) bool { return h.lock.dropped }) {
		return nil, lockorder.KnownForAll // it waited in the record of a leaf meanwhile
	}
	d := o.dependency(l, r)
	cycles, known := o.graph.Add(d)
	found = append(o.withOrigins(cycles), o.tellWriters(l)...)
	for i := range r.holds {
		found = append(found, o.tellWriters(r.holds[i].lock)...)
	}
	return found, known
}

// dependency is the request in the terms of the graph.
func (o *order) dependency(l *lockRecord, r *request) lockorder.Dependency[*site] {
	d := lockorder.Dependency[*site]{
		Goroutine: r.goroutine,
		Lock:      l.id,
		Mode:      r.mode,
		Held:      make([]lockorder.Held[*site], len(r.holds)),
		Site:      &site{stack: r.stack.PCs(), creator: r.creator, at: r.at, via: r.via},
	}
	o.register(l)
	for i := range r.holds {
		h := &r.holds[i]
		o.register(h.lock)
		d.Held[i] = lockorder.Held[*site]{Lock: h.lock.id, Mode: h.mode, Site: &site{stack: h.stack.PCs()}}
	}
	return d
}

// withOrigins makes cycles fit for reports. The requests of those that cannot close by
// what is known now are watched.
func (o *order) withOrigins(cycles []lockorder.Cycle[*site]) (found []cycle) {
	for _, c := range cycles {
		if c.Apart {
			o.watch(c)
		}
		found = append(found, cycle{c, o.originsOf(slices.Concat(c.Deps, c.Writers))})
	}
	return found
}

// register keeps the origin of a lock for as long as the graph may name it.
func (o *order) register(l *lockRecord) {
	if l.inGraph {
		return
	}
	if o.origins == nil {
		o.origins = make(map[lockorder.LockID]known)
	}
	l.inGraph = true
	o.origins[l.id] = known{l.origin, weak.Make(l)}
	runtime.AddCleanup(l, o.forget, l.id)
}

func (o *order) originsOf(deps []lockorder.Dependency[*site]) map[lockorder.LockID]*origin {
	origins := make(map[lockorder.LockID]*origin, len(deps))
	for _, dep := range deps { // no lock stands for no writer
		origins[dep.Lock] = o.origins[dep.Lock].origin
		for _, h := range dep.Held {
			origins[h.Lock] = o.origins[h.Lock].origin
		}
	}
	return origins
}

// drop forgets a lock that the program has forgotten.
func (o *order) drop(l *lockRecord) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.dropped = true
	o.remove(l.id)
}

// forget runs when a lock's record was collected.
func (o *order) forget(id lockorder.LockID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(id)
}

func (o *order) remove(id lockorder.LockID) {
	delete(o.origins, id)
	o.declared.Forget(rank{id: id})
	o.graph.Forget(id)
}

// isOuter reports whether something was asked for under l.
func (l *lockRecord) isOuter() bool { return std.order.isOuter(l) }

// park keeps the request in the record of l if l is a leaf and has room.
func (l *lockRecord) park(r *request) (known lockorder.Known, parked bool) {
	if l.outer || len(l.pending) >= maxPending {
		return known, false
	}
	same := 1
	for i := range l.pending {
		if p := &l.pending[i]; p.chain == r.chain {
			if p.goroutine == r.goroutine {
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

// knows reports whether the request with this chain key was made before: by this
// goroutine, or by so many that it does not matter who. The first chain of a lock
// is remembered in its record, since most locks are taken in one way; the chain
// cache serves the rest.
func (l *lockRecord) knows(chain, goroutine uint64) bool {
	return l.isUsual(chain, goroutine) || std.chains.seen(chain^l.salt.Load(), goroutine)
}

// isUsual is the half of knows that is small enough to be inlined.
func (l *lockRecord) isUsual(chain, goroutine uint64) bool {
	seen := l.seen.Load()
	return seen == chain || seen == own(chain, goroutine)
}

// remember notes that the request was made; if saturated, that it does not matter
// by whom.
func (l *lockRecord) remember(r *request, saturated bool) {
	if l.chain == 0 {
		l.chain = r.chain
	}
	switch {
	case l.chain == r.chain && saturated:
		l.seen.Store(r.chain)
	case l.chain == r.chain && l.seen.CompareAndSwap(0, own(r.chain, r.goroutine)):
	default:
		std.chains.add(r.chain^l.salt.Load(), r.goroutine, saturated)
	}
}

// unlearn makes every next request for l a new one.
func (l *lockRecord) unlearn() {
	l.seen.Store(0)
	l.salt.Add(0x9e3779b97f4a7c15)
	l.writer.Store(0)
}
