package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// readers is what the order graph must know of a RWMutex beside dependencies. A
// read lock keeps nobody from reading, so code that reads under a read lock is
// harmless until a writer exists; whichever comes last makes the report.
// It is protected by order.mu.
type readers struct {
	// writers are requests in exclusive mode, those with nothing held too.
	writers []request
	// nested are requests to read by somebody who reads already.
	nested []request
	told   bool // the nested reading was reported
	calls  int  // of order.write and order.readTwice
	// watched says that only an order of requests has kept the last writer or reader
	// from a cycle: each occurrence counts.
	watched bool
}

const (
	// manyWriters in lock.writer says that enough is known of its writers.
	manyWriters = ^uint64(0)
	// maxWriters is how many distinct goroutines are kept as writers, and how many
	// held sets of each.
	maxWriters = lockorder.MaxGoroutines
	maxSets    = 2
	// maxWriterCalls bounds what goroutines cost that take turns in writing in
	// different ways, maxWatchedCalls where each counts.
	maxWriterCalls  = 64
	maxWatchedCalls = 2048
)

func (l *lockRecord) readers() *readers {
	if l.rw == nil {
		l.rw = new(readers)
	}
	return l.rw
}

// Writes notes that the goroutine asks for a RWMutex in exclusive mode, as a writer keeps
// readers out also while it waits.
//
//go:norace
func (g *Goroutine) Writes(h *hold) {
	if g.isNewWriter(h) {
		g.wrote(h)
	}
}

// isNewWriter reports whether somebody should call wrote: the request h is not the
// one that was told last.
func (g *Goroutine) isNewWriter(h *hold) bool {
	w := h.lock.writer.Load()
	return w != own(h.after, g.id) && w != manyWriters
}

// wrote tells the order graph of a writer, which h is about to become.
//
//go:norace
//go:noinline
func (g *Goroutine) wrote(h *hold) {
	g.enter()
	defer g.leave()
	l, r := h.lock, request{goroutine: g.inside, creator: g.creator, at: g.moment(), chain: h.after, mode: h.mode, stack: h.stack}
	for _, held := range g.snapshot() {
		if held.holdsStill() {
			r.holds = append(r.holds, held)
		}
	}
	std.protect(func() {
		std.sink.diagnose(std.order.write(l, &r))
	})
}

// write keeps a writer and returns the cycles that only wanted one.
func (o *order) write(l *lockRecord, r *request) (found []diagnosis) {
	o.mu.Lock()
	defer o.mu.Unlock()
	rw := l.readers()
	rw.calls++
	if !rw.keepWriter(r) {
		l.writer.Store(manyWriters)
		return nil
	}
	l.writer.Store(own(r.chain, r.goroutine))
	for _, c := range append(o.tellWriters(l), o.recursions(l)...) {
		found = append(found, diagnosisOf(c))
	}
	if rw.watched {
		l.writer.Store(0)
	}
	return found
}

// keepWriter keeps r among the writers, unless it is one too many of its goroutine.
// It reports false if there are enough of all.
func (rw *readers) keepWriter(r *request) bool {
	goroutines, sets, at := rw.count(r)
	watched := rw.watched && rw.calls <= maxWatchedCalls
	switch {
	case !watched && (goroutines > maxWriters || rw.calls > maxWriterCalls):
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

// count returns how many goroutines write, r's among them, how many requests of
// r's goroutine are kept, and which of all has r's chain too, -1 if none.
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
			if w.chain == r.chain {
				at = i
			}
		}
	}
	if sets == 0 {
		return len(ids) + 1, 0, at
	}
	return len(ids), sets, at
}

// tellWriters tells the graph of the writers of l that held nothing, if it knows l:
// those that held something are dependencies and come by themselves.
func (o *order) tellWriters(l *lockRecord) (found []lockorder.Cycle[*site]) {
	if l.rw == nil || !o.graph.Has(l.id) {
		return nil
	}
	for i := range l.rw.writers {
		if w := &l.rw.writers[i]; len(w.holds) == 0 {
			cycles, known := o.graph.Add(o.dependency(l, w))
			o.watchApart(cycles)
			found = append(found, cycles...)
			l.rw.watched = l.rw.watched || known == lockorder.KnownNever
		}
	}
	return found
}

// readTwice keeps a request to read by somebody who reads already, and returns the
// cycle if there is a writer to make one.
func (o *order) readTwice(l *lockRecord, r *request) (found []lockorder.Cycle[*site], known lockorder.Known) {
	rw := l.readers()
	rw.calls++
	watched := rw.watched && rw.calls <= maxWatchedCalls
	same := slices.IndexFunc(rw.nested, func(n request) bool { return n.goroutine == r.goroutine })
	switch {
	case rw.told || len(rw.nested) >= lockorder.MaxGoroutines && !watched:
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
	case rw.watched && rw.calls <= maxWatchedCalls:
		return found, lockorder.KnownNever
	case len(rw.nested) >= lockorder.MaxGoroutines:
		return found, lockorder.KnownForAll
	}
	return found, lockorder.KnownOnce
}

// recursions returns the cycle of a nested reader and a writer of l, once. Where all that
// are known are apart, those that come later are watched.
func (o *order) recursions(l *lockRecord) []lockorder.Cycle[*site] {
	rw := l.rw
	if rw.told {
		return nil
	}
	all := func(requests []request) (deps []lockorder.Dependency[*site]) {
		for i := range requests {
			deps = append(deps, o.dependency(l, &requests[i]))
		}
		return deps
	}
	c, ok := cycle.Recursion(all(rw.nested), all(rw.writers), apart)
	switch {
	case !ok, c.Apart && rw.watched:
		return nil
	case c.Apart:
		rw.watched = true
		l.unlearn()
	default:
		rw.told, rw.watched = true, false
	}
	return []lockorder.Cycle[*site]{c.Cycle}
}

// readsOnly reports whether r asks to read what its goroutine holds for reading.
func (r *request) readsOnly(l *lockRecord) bool {
	return r.mode == lockorder.Shared && !slices.ContainsFunc(r.holds, func(h hold) bool {
		return h.lock == l && h.mode == lockorder.Exclusive
	})
}
