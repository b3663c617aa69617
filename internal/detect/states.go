package detect

import (
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// states finds the state of the running goroutine by its g.
//
// A direct-mapped cache at a fixed address comes first, since this lookup is a good part
// of what a lock costs. Behind it is an open-addressed table that is read without a lock.
// The runtime never frees a g, so entries stay, and the table is bounded by the largest
// number of goroutines that used a lock while alive at the same time.
//
// If gid.Fast is false, byID has the states by goroutine id; an entry is dropped as soon as
// its goroutine holds nothing.
type states struct {
	cache [cacheSlots]atomic.Pointer[Goroutine]
	table atomic.Pointer[stateTable]
	// mu serializes writes: growing the table and adding to it. Readers see either the
	// old or the new table; one that misses an entry in the old one calls add, which looks
	// again under the lock.
	mu   sync.Mutex
	used int

	byID sync.Map      // uint64 -> *goroutine
	made atomic.Uint64 // states that were ever added to byID
	// idlers is a ring of states of byID that are kept for their timelines alone; next is
	// the oldest. mu protects both.
	idlers [maxIdlers]*Goroutine
	next   int
}

// cacheSlots is enough for the goroutines that use locks within a millisecond: 32 kB.
const (
	cacheBits  = 12
	cacheSlots = 1 << cacheBits
)

// spread is Fibonacci hashing: the top bits of the product depend on all bits of g.
func spread(g uintptr) uint64 { return uint64(g) * 0x9e3779b97f4a7c15 }

type stateTable struct {
	slots []atomic.Pointer[Goroutine] // a power of two
}

const firstStates = 256

func newStateTable(size int) *stateTable {
	return &stateTable{slots: make([]atomic.Pointer[Goroutine], size)}
}

// find returns the state for g, nil if there is none.
func (t *stateTable) find(g uintptr) *Goroutine {
	mask := uint64(len(t.slots) - 1)
	for i := spread(g) >> 32; ; i++ {
		s := t.slots[i&mask].Load()
		if s == nil || s.g == g {
			return s
		}
	}
}

// put stores s in the first free slot after its hash. The caller holds states.mu.
func (t *stateTable) put(s *Goroutine) {
	mask := uint64(len(t.slots) - 1)
	i := spread(s.g) >> 32
	for t.slots[i&mask].Load() != nil {
		i++
	}
	t.slots[i&mask].Store(s)
}

// cached returns the state of the running goroutine, whose g is p, if the cache has it. It
// is small enough to be inlined; slow serves the rest.
//
//go:norace
func (t *states) cached(p uintptr) *Goroutine {
	s := t.cache[spread(p)>>(64-cacheBits)].Load()
	if s == nil || s.id != gid.ID(p) { // an id has one g
		return nil
	}
	return s
}

// slow serves collisions, new goroutines, and a g that has passed to another goroutine. It
// returns nil if the goroutine is not tracked: detection is off, or the engine itself runs
// on it.
//
//go:norace
//go:noinline
func (t *states) slow(p uintptr) *Goroutine {
	if std.off.Load() {
		return nil
	}
	if !gid.Fast {
		return t.slowByID()
	}
	s := t.table.Load().find(p)
	if s == nil {
		s = t.add(p)
	}
	slot := &t.cache[spread(p)>>(64-cacheBits)]
	slot.Store(s)
	if std.off.Load() { // see switchOff
		slot.Store(nil)
		return nil
	}
	id := gid.ID(p)
	switch {
	case s.inside == id:
		return nil // the engine runs on this goroutine
	case s.id != id:
		std.scanner.abandon(s.id, s.creator, s.snapshot()) // those of the last goroutine with this g
		s.inside = 0
		s.reset(id, gid.Creator(p))
		s.parent = gid.Parent(p)
	}
	return s
}

func (t *states) add(p uintptr) *Goroutine {
	t.mu.Lock()
	defer t.mu.Unlock()
	table := t.table.Load()
	if 4*(t.used+1) > 3*len(table.slots) {
		bigger := newStateTable(2 * len(table.slots))
		for i := range table.slots {
			if s := table.slots[i].Load(); s != nil {
				bigger.put(s)
			}
		}
		t.table.Store(bigger)
		table = bigger
	}
	s := &Goroutine{g: p}
	table.put(s)
	t.used++
	return s
}

func (t *states) slowByID() *Goroutine {
	id := gid.Slow()
	if s, ok := t.byID.Load(id); ok {
		g := s.(*Goroutine)
		if g.inside != 0 {
			return nil
		}
		if g.idling.phase.CompareAndSwap(unused, busy) || g.idling.phase.Load() == busy {
			return g
		}
	}
	g := &Goroutine{}
	g.reset(id, 0)
	t.byID.Store(id, g)
	if t.made.Add(1)%statesPerPurge == 0 {
		t.purge()
	}
	return g
}

// maxIdlers bounds the states that idle keeps. A goroutine whose state is dropped loses its
// timeline, and counts as concurrent with all others.
const maxIdlers = 4096

// idling is the condition of a state that is kept for its timeline.
type idling struct {
	listed atomic.Bool // it is in states.idlers
	phase  atomic.Uint32
}

const (
	busy   uint32 = iota // its goroutine uses it
	unused               // it may be dropped
	dropped
)

// idle drops the state of a goroutine that holds nothing, if states are kept by id
// (gid.Fast is false): no id is used twice, so nothing else would drop it.
//
//go:norace
func (t *states) idle(g *Goroutine) {
	switch {
	case g.n > 0 || g.delegation != nil:
	case g.timeline.isEmpty():
		t.byID.Delete(g.id)
	default:
		if g.idling.listed.CompareAndSwap(false, true) {
			t.list(g)
		}
		g.idling.phase.Store(unused)
	}
}

// list adds g to the idlers in place of the oldest one.
func (t *states) list(g *Goroutine) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.idlers[t.next]
	t.idlers[t.next] = g
	t.next = (t.next + 1) % maxIdlers
	if old == nil {
		return
	}
	old.idling.listed.Store(false)
	if old.idling.phase.CompareAndSwap(unused, dropped) {
		t.byID.CompareAndDelete(old.identity(), old)
	}
}

// ended drops the state of a goroutine that has ended, if states are kept by id.
//
//go:norace
func (t *states) ended(g *Goroutine, id uint64) {
	if gid.Fast {
		return
	}
	g.idling.phase.Store(dropped)
	t.byID.Delete(id)
}

// all returns all states, also of goroutines that have ended.
func (t *states) all() (all []*Goroutine) {
	t.byID.Range(func(_, s any) bool {
		all = append(all, s.(*Goroutine))
		return true
	})
	table := t.table.Load()
	for i := range table.slots {
		if s := table.slots[i].Load(); s != nil {
			all = append(all, s)
		}
	}
	return all
}

// withID returns the state of the goroutine with the id, which may have ended; nil if there
// is none.
func (t *states) withID(id uint64) *Goroutine {
	for _, g := range t.all() {
		if g.identity() == id {
			return g
		}
	}
	return nil
}

// current is cached and slow in one, for callers that can afford a call.
func current() *Goroutine {
	p := gid.Pointer()
	if s := std.states.cached(p); s != nil {
		return s
	}
	return std.states.slow(p)
}

// Running returns the state of the running goroutine, nil if it is not tracked.
func Running() *Goroutine { return current() }
