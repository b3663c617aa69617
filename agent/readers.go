//go:build !concdoctor_off

package agent

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/lockorder"
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
	calls  int  // of order.write
}

const (
	// manyWriters in lock.writer says that enough is known of its writers.
	manyWriters = ^uint64(0)
	// maxWriters is how many distinct goroutines are kept as writers, and how many
	// held sets of each.
	maxWriters = lockorder.MaxGoroutines
	maxSets    = 2
	// maxWriterCalls bounds what goroutines cost that take turns in writing in
	// different ways.
	maxWriterCalls = 64
)

func (l *lock) readers() *readers {
	if l.rw == nil {
		l.rw = new(readers)
	}
	return l.rw
}

// isNewWriter reports whether somebody should call wrote: the request h is not the
// one that was told last.
func (g *goroutine) isNewWriter(h *hold) bool {
	w := h.lock.writer.Load()
	return w != own(h.after, g.id) && w != manyWriters
}

// wrote tells the order graph of a writer, which h is about to become.
//
//go:norace
//go:noinline
func (g *goroutine) wrote(h *hold) {
	g.enter()
	defer g.leave()
	l, r := h.lock, request{goroutine: g.inside, creator: g.creator, at: g.moment(), chain: h.after, mode: h.mode, stack: h.stack}
	for _, held := range g.snapshot() {
		if held.holdsStill() {
			r.holds = append(r.holds, held)
		}
	}
	std.protect(func() {
		for _, c := range std.order.write(l, &r) {
			std.sink.report(c.finding())
		}
	})
}

// write keeps a writer and returns the cycles that only wanted one.
func (o *order) write(l *lock, r *request) (found []cycle) {
	o.mu.Lock()
	defer o.mu.Unlock()
	rw := l.readers()
	goroutines, sets, known := rw.count(r)
	if rw.calls++; goroutines > maxWriters || rw.calls > maxWriterCalls {
		l.writer.Store(manyWriters)
		return nil
	}
	l.writer.Store(own(r.chain, r.goroutine))
	if known || sets >= maxSets {
		return nil
	}
	rw.writers = append(rw.writers, *r)
	return append(o.tellWriters(l), o.recursions(l)...)
}

// count returns how many goroutines write, r's among them, how many requests of
// r's goroutine are kept, and whether r is one of them.
func (rw *readers) count(r *request) (goroutines, sets int, known bool) {
	var ids []uint64
	for i := range rw.writers {
		w := &rw.writers[i]
		if !slices.Contains(ids, w.goroutine) {
			ids = append(ids, w.goroutine)
		}
		if w.goroutine == r.goroutine {
			sets++
			known = known || w.chain == r.chain
		}
	}
	if sets == 0 {
		return len(ids) + 1, 0, false
	}
	return len(ids), sets, known
}

// tellWriters tells the graph of the writers of l that held nothing, if it knows l:
// those that held something are dependencies and come by themselves.
func (o *order) tellWriters(l *lock) (found []cycle) {
	if l.rw == nil || !o.graph.Has(l.id) {
		return nil
	}
	for i := range l.rw.writers {
		if w := &l.rw.writers[i]; len(w.holds) == 0 {
			cycles, _ := o.graph.Add(o.dependency(l, w))
			found = append(found, o.withOrigins(cycles)...)
		}
	}
	return found
}

// readTwice keeps a request to read by somebody who reads already, and returns the
// cycle if there is a writer to make one. It reports saturated if more goroutines
// with such requests would change nothing.
func (o *order) readTwice(l *lock, r *request) (found []cycle, saturated bool) {
	rw := l.readers()
	if rw.told || len(rw.nested) >= lockorder.MaxGoroutines {
		return nil, true
	}
	rw.nested = append(rw.nested, *r)
	return o.recursions(l), len(rw.nested) >= lockorder.MaxGoroutines
}

// recursions returns the first cycle of a nested reader and a writer of l.
func (o *order) recursions(l *lock) []cycle {
	for i := range l.rw.nested {
		d := o.dependency(l, &l.rw.nested[i])
		for j := range l.rw.writers {
			if l.rw.told {
				return nil
			}
			c, found := lockorder.Recursion(d, o.dependency(l, &l.rw.writers[j]))
			if found {
				l.rw.told = true
				return []cycle{{c, map[lockorder.LockID]*origin{l.id: l.origin}}}
			}
		}
	}
	return nil
}

// readsOnly reports whether r asks to read what its goroutine holds for reading.
func (r *request) readsOnly(l *lock) bool {
	return r.mode == lockorder.Shared && !slices.ContainsFunc(r.holds, func(h hold) bool {
		return h.lock == l && h.mode == lockorder.Exclusive
	})
}
