package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// readers is what the order graph must know about a RWMutex besides dependencies. A read lock
// excludes no readers, so a read lock under a read lock of the same RWMutex is harmless
// until there is a writer. The later of the two completes the report. order.mu protects it.
type readers struct {
	// writers are requests in exclusive mode, also those of goroutines that held nothing.
	writers []request
	// nested are requests in shared mode by goroutines that held it in shared mode.
	nested   []request
	reported bool // a cycle of a nested reader and a writer was reported
	calls    int  // the number of calls of order.write and order.addNested
	// uncached says that the last writer or nested reader makes no cycle only because of
	// an order of requests: each occurrence counts, so no request is cached as known.
	uncached bool
}

const (
	// manyWriters in lockRecord.writer says that enough writers are known.
	manyWriters = ^uint64(0)
	// maxWriters is the number of goroutines that are kept as writers, and maxSets that
	// of the sets of held locks of each.
	maxWriters = lockorder.MaxGoroutines
	maxSets    = 2
	// maxWriterCalls bounds the cost of goroutines that take turns in writing under
	// different locks, and maxUncachedCalls the cost where each occurrence counts.
	maxWriterCalls   = 64
	maxUncachedCalls = 2048
)

func (l *lockRecord) readers() *readers {
	if l.rw == nil {
		l.rw = new(readers)
	}
	return l.rw
}

// Writes notes that the goroutine requests a RWMutex in exclusive mode: a writer excludes
// new readers even while it waits.
//
//go:norace
func (g *Goroutine) Writes(h *HeldLock) {
	if g.isNewWriter(h) {
		g.wrote(h)
	}
}

// isNewWriter reports whether wrote is to be called, since h is not the request that was
// added last.
func (g *Goroutine) isNewWriter(h *HeldLock) bool {
	w := h.lock.writer.Load()
	return w != own(g.after, g.key) && w != manyWriters
}

// wrote adds to the order graph that the goroutine is about to become a writer.
//
//go:norace
//go:noinline
func (g *Goroutine) wrote(h *HeldLock) {
	g.enter()
	defer g.leave()
	g.settleAll()
	l, r := h.lock, request{goroutine: g.inside, key: g.key, creator: g.creator, at: g.moment(), chain: g.after, mode: h.mode, stack: *g.settle(h)}
	for _, held := range g.snapshot() {
		if held.isValid() {
			r.holds = append(r.holds, held)
		}
	}
	std.protect(func() {
		std.sink.diagnose(std.order.write(l, &r))
	})
}

// write adds a writer and returns the cycles that this completes.
func (o *order) write(l *lockRecord, r *request) (found []diagnosis) {
	o.mu.Lock()
	defer o.mu.Unlock()
	rw := l.readers()
	rw.calls++
	if !rw.keepWriter(r) {
		l.writer.Store(manyWriters)
		return nil
	}
	l.writer.Store(own(r.chain, r.key))
	for _, c := range append(o.addWriters(l), o.recursions(l)...) {
		found = append(found, diagnosisOf(c))
	}
	if rw.uncached {
		l.writer.Store(0)
	}
	return found
}

// keepWriter adds r to the writers, unless there are enough of its goroutine. It reports
// false if there are enough of all.
func (rw *readers) keepWriter(r *request) bool {
	goroutines, sets, at := rw.count(r)
	uncached := rw.uncached && rw.calls <= maxUncachedCalls
	switch {
	case !uncached && (goroutines > maxWriters || rw.calls > maxWriterCalls):
		return false
	case at >= 0:
		rw.writers[at] = *r
	case goroutines > maxWriters:
		rw.writers = append(rw.writers[1:], *r)
	case sets < maxSets:
		rw.writers = append(rw.writers, *r)
	}
	return true
}

// count returns the number of goroutines among the writers and r, the number of kept requests
// of r's goroutine, and the index of the one with r's chain, -1 if there is none.
func (rw *readers) count(r *request) (goroutines, sets, at int) {
	var ids []uint64
	at = -1
	for i := range rw.writers {
		w := &rw.writers[i]
		if !slices.Contains(ids, w.goroutine) {
			ids = append(ids, w.goroutine)
		}
		if w.goroutine == r.goroutine {
			sets++
			if w.chain == r.chain && w.key == r.key {
				at = i
			}
		}
	}
	if sets == 0 {
		return len(ids) + 1, 0, at
	}
	return len(ids), sets, at
}

// addWriters adds the writers of l that held nothing to the graph, if l is in it. Writers that
// held something are dependencies and are added as such.
func (o *order) addWriters(l *lockRecord) (found []lockorder.Cycle[*site]) {
	if l.rw == nil || !o.graph.Has(l.id) {
		return nil
	}
	for i := range l.rw.writers {
		if w := &l.rw.writers[i]; len(w.holds) == 0 {
			cycles, known := o.graph.Add(o.dependency(l, w))
			o.reexamineApart(cycles)
			found = append(found, cycles...)
			l.rw.uncached = l.rw.uncached || known == lockorder.KnownNever
		}
	}
	return found
}

// addNested adds a request in shared mode by a goroutine that holds l in shared mode, and
// returns the cycle that it makes with a writer.
func (o *order) addNested(l *lockRecord, r *request) (found []lockorder.Cycle[*site], known lockorder.Known) {
	rw := l.readers()
	rw.calls++
	uncached := rw.uncached && rw.calls <= maxUncachedCalls
	same := slices.IndexFunc(rw.nested, func(n request) bool { return n.goroutine == r.goroutine })
	switch {
	case rw.reported || len(rw.nested) >= lockorder.MaxGoroutines && !uncached:
		return nil, lockorder.KnownForAll
	case same >= 0:
		rw.nested[same] = *r
	case len(rw.nested) >= lockorder.MaxGoroutines:
		rw.nested = append(rw.nested[1:], *r)
	default:
		rw.nested = append(rw.nested, *r)
	}
	found = o.recursions(l)
	switch {
	case rw.uncached && rw.calls <= maxUncachedCalls:
		return found, lockorder.KnownNever
	case len(rw.nested) >= lockorder.MaxGoroutines:
		return found, lockorder.KnownForAll
	}
	return found, lockorder.KnownOnce
}

// recursions returns the cycle of a nested reader and a writer of l, once. If the order of
// their requests keeps all known ones from that, later ones are not cached as known.
func (o *order) recursions(l *lockRecord) []lockorder.Cycle[*site] {
	rw := l.rw
	if rw.reported {
		return nil
	}
	all := func(requests []request) (deps []lockorder.Dependency[*site]) {
		for i := range requests {
			deps = append(deps, o.dependency(l, &requests[i]))
		}
		return deps
	}
	c, ok := cycle.Recursion(all(rw.nested), all(rw.writers), neverConcurrent)
	switch {
	case !ok, c.Apart && rw.uncached:
		return nil
	case c.Apart:
		rw.uncached = true
		l.unlearn()
	default:
		rw.reported, rw.uncached = true, false
	}
	return []lockorder.Cycle[*site]{c.Cycle}
}

// readsOnly reports whether r requests l in shared mode, and its goroutine holds l in that
// mode only.
func (r *request) readsOnly(l *lockRecord) bool {
	return r.mode == lockorder.Shared && !slices.ContainsFunc(r.holds, func(h hold) bool {
		return h.lock == l && h.mode == lockorder.Exclusive
	})
}
