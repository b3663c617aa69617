package waitfor

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// Graph is the wait-for graph of the registered waits. The zero value is empty
// and ready to use. It must not be copied after its first use.
type Graph struct {
	waits map[*Wait]struct{}
	locks map[uint64]*lock
	seq   uint64
}

// Next returns the number that the next registration will get. For a request in
// shared mode the caller publishes it (in an atomic, for Hold.Before), then tries
// the lock a last time, and then calls Add, all in one serialised section.
func (g *Graph) Next() uint64 { return g.seq + 1 }

// Add registers a goroutine that is about to block, and returns the deadlock that
// it completes, or nil: a shortest cycle that starts with w, where each waits for
// the next and the last for w. One element is a self-deadlock: w waits for a lock
// that it holds itself. A wait that is registered already is removed first.
func (g *Graph) Add(w *Wait) (dead []*Wait) {
	g.Remove(w)
	if g.waits == nil {
		g.waits = make(map[*Wait]struct{})
		g.locks = make(map[uint64]*lock)
	}
	g.seq++
	w.Seq = g.seq
	w.registered = true
	g.waits[w] = struct{}{}
	g.lock(w.Lock).addWait(w)
	w.slots = slices.Grow(w.slots[:0], len(w.Held))[:len(w.Held)]
	for i, h := range w.Held {
		g.lock(h.Lock).addHolder(w, i)
	}
	return g.Cycle(w)
}

// Remove takes a wait out after its lock was granted. It does nothing if w is not
// registered.
func (g *Graph) Remove(w *Wait) {
	if !w.registered {
		return
	}
	w.registered = false
	delete(g.waits, w)
	g.locks[w.Lock].dropWait(w)
	g.dropUnused(w.Lock)
	for i, h := range w.Held {
		g.locks[h.Lock].dropHolder(w.slots[i])
		g.dropUnused(h.Lock)
	}
}

func (g *Graph) lock(id uint64) *lock {
	l := g.locks[id]
	if l == nil {
		l = new(lock)
		g.locks[id] = l
	}
	return l
}

func (g *Graph) dropUnused(id uint64) {
	if l := g.locks[id]; l.waits == 0 && len(l.holders) == 0 {
		delete(g.locks, id)
	}
}

// Len returns the number of registered waits.
func (g *Graph) Len() int { return len(g.waits) }

// Waits returns the registered waits in the order of registration.
func (g *Graph) Waits() iter.Seq[*Wait] {
	return slices.Values(slices.SortedFunc(maps.Keys(g.waits), func(a, b *Wait) int {
		return cmp.Compare(a.Seq, b.Seq)
	}))
}
