package lockorder

import (
	"errors"
	"fmt"
)

// check returns what is wrong with the graph's own bookkeeping, nil if nothing.
// Tests call it after every step.
func (g *Graph[S]) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	g.checkRecords(fail)
	g.checkLocks(fail)
	if len(g.deps) > g.opts.MaxDependencies {
		fail("%d dependencies, more than %d", len(g.deps), g.opts.MaxDependencies)
	}
	if len(g.seen.keys) != len(g.seen.queue) {
		fail("%d cycles seen, %d in their queue", len(g.seen.keys), len(g.seen.queue))
	}
	return errors.Join(errs...)
}

// Invariant: the list from oldest to newest has exactly the records of the map,
// each entered where its locks look for it, with distinct goroutines.
func (g *Graph[S]) checkRecords(fail func(string, ...any)) {
	listed, edges := 0, 0
	var older *record[S]
	for r := g.oldest; r != nil; older, r = r, r.newer {
		listed++
		edges += len(r.held)
		if g.deps[r.key] != r || r.older != older || older != nil && older.number >= r.number {
			fail("record %d: misplaced in list or map", r.number)
		}
		if r.lock.asked[r.slot] != r || g.locks[r.lock.id] != r.lock {
			fail("record %d: not entered at lock %d", r.number, r.lock.id)
		}
		for i, h := range r.held {
			if h.lock.holds[h.slot] != (heldBy[S]{r, i}) || g.locks[h.lock.id] != h.lock {
				fail("record %d: hold %d not entered at lock %d", r.number, i, h.lock.id)
			}
			if from, to := h.lock.comp, r.lock.comp; from != to && from.place >= to.place {
				fail("edge %d to %d: place %d to %d", h.lock.id, r.lock.id, from.place, to.place)
			}
		}
		distinct := make(map[uint64]bool)
		for _, w := range r.witnesses {
			distinct[w.Goroutine] = true
		}
		if len(distinct) != len(r.witnesses) || len(distinct) == 0 || len(distinct) > MaxGoroutines {
			fail("record %d: %d goroutines, %d distinct", r.number, len(r.witnesses), len(distinct))
		}
	}
	if listed != len(g.deps) || older != g.newest || edges != g.edges {
		fail("%d listed, %d dependencies, %d edges, %d counted", listed, len(g.deps), edges, g.edges)
	}
}

// Invariant: every lock is mentioned by a record and is in its component at its
// slot; components have distinct places between the order's ends.
func (g *Graph[S]) checkLocks(fail func(string, ...any)) {
	places := make(map[int64]*component[S])
	for id, l := range g.locks {
		if l.id != id || len(l.holds)+len(l.asked) == 0 || l.comp.locks[l.slot] != l {
			fail("lock %d: id %d, %d holds, %d asked, or misplaced in its component", id, l.id, len(l.holds), len(l.asked))
		}
		if f := l.free; f != nil && (!l.written || f.lock != l || len(f.held)+len(f.key) > 0 || len(f.witnesses) > MaxGoroutines) {
			fail("lock %d: misplaced writers %v", id, f.witnesses)
		}
		if other := places[l.comp.place]; other != nil && other != l.comp {
			fail("lock %d: its component shares place %d", id, l.comp.place)
		}
		places[l.comp.place] = l.comp
		if at := l.place.at.Load(); at != l.comp.place && at != 0 {
			fail("lock %d: place %d is published as %d", id, l.comp.place, at)
		}
		if l.written != l.place.written.Load() {
			fail("lock %d: written %t is published as %t", id, l.written, l.place.written.Load())
		}
		if l.comp.place < g.front.Load() || l.comp.place > g.back.Load() {
			fail("lock %d: place %d outside of [%d, %d]", id, l.comp.place, g.front.Load(), g.back.Load())
		}
	}
}
