package lockorder

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync/atomic"
)

// MaxGoroutines is how many distinct goroutines a dependency keeps. A cycle of up
// to that many dependencies can then always give each its own.
const MaxGoroutines = 4

// The defaults of Options.
const (
	// DefaultMaxDependencies keeps a graph of one- and two-lock held sets in about 50 MB.
	DefaultMaxDependencies = 1 << 16
	// DefaultMaxHeld is more than any program holds on purpose, but for loops that lock a table row by row.
	DefaultMaxHeld = 64
	// DefaultMaxSteps bounds one Add to a few milliseconds.
	DefaultMaxSteps = 20000
	// DefaultMaxCycles is more than a person reads about one line of code.
	DefaultMaxCycles = 64
)

// edgesPerDependency bounds the total size of held sets: when they are longer
// than this on average, dependencies are dropped before MaxDependencies is reached.
const edgesPerDependency = 8

// Options bounds a Graph. A zero field means its default.
type Options struct {
	// MaxDependencies is how many dependencies are kept; the oldest goes first.
	MaxDependencies int
	// MaxHeld is how many locks of a held set are kept: the most recent ones.
	MaxHeld int
	// MaxSteps is how many dependencies one Add may look at in its search.
	MaxSteps int
	// MaxCycles is how many cycles one Add returns.
	MaxCycles int
}

func (o Options) withDefaults() Options {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&o.MaxDependencies, DefaultMaxDependencies)
	set(&o.MaxHeld, DefaultMaxHeld)
	set(&o.MaxSteps, DefaultMaxSteps)
	set(&o.MaxCycles, DefaultMaxCycles)
	return o
}

// Stats is what a Graph holds and what its bounds cost. All but the first two
// count from the start.
type Stats struct {
	Locks, Dependencies int
	// Dropped counts dependencies that went to make room, CutHeld held sets that
	// were too long, CutSearches searches that ran out of steps or cycles.
	Dropped, CutHeld, CutSearches uint64
	// Cycles counts the cycles returned, Steps the dependencies that searches looked at.
	Cycles, Steps uint64
}

// Graph is a lock-dependency graph. The zero value is empty, has the default
// bounds and is ready to use. It must not be copied after its first use.
type Graph[S any] struct {
	opts  Options
	stats Stats
	locks map[LockID]*lock[S]
	deps  map[string]*record[S]
	// oldest and newest end the list of records in the order in which they came.
	oldest, newest *record[S]
	edges          int    // sum of the sizes of all held sets
	numbers        uint64 // how many records were ever made
	seen           cycleSet
	apartSeen      cycleSet
	apart          func(a, b *Dependency[S]) bool // see SetApart
	again          func(first, later *Dependency[S]) bool
	placeOf        func(LockID) *Place // see SetPlaces
	front, back    atomic.Int64        // the last places at the ends of the topological order
}

// record is one distinct (lock, mode, held set).
type record[S any] struct {
	key    string
	number uint64 // grows with every new record
	lock   *lock[S]
	mode   Mode
	slot   int // index of this record in lock.asked
	held   []hold[S]
	// witnesses has one element a distinct goroutine, at most MaxGoroutines.
	witnesses []Dependency[S]
	// watched says that a cycle through the record has failed only for requests that
	// are apart; spent are the steps of all searches from it.
	watched      bool
	spent        int
	older, newer *record[S]
}

// hold is an element of a held set.
type hold[S any] struct {
	lock *lock[S]
	mode Mode
	slot int // index of the entry for this hold in lock.holds
}

// lock is a node of the graph. It exists while a record mentions it.
type lock[S any] struct {
	id    LockID
	place *Place
	comp  *component[S]
	slot  int          // index of this lock in comp.locks
	holds []heldBy[S]  // the records with this lock in their held set
	asked []*record[S] // the records that ask for this lock
	// free is the request in exclusive mode of goroutines that held nothing, nil if there
	// are none. It is in no list: no cycle passes through it.
	free *record[S]
	// written is set for good by the first request in exclusive mode.
	written bool
}

// heldBy is the hold rec.held[i].
type heldBy[S any] struct {
	rec *record[S]
	i   int
}

// New returns an empty graph with the bounds of opts.
func New[S any](opts Options) *Graph[S] {
	g := &Graph[S]{opts: opts}
	g.init()
	return g
}

func (g *Graph[S]) init() {
	if g.locks != nil {
		return
	}
	g.opts = g.opts.withDefaults()
	g.locks = make(map[LockID]*lock[S])
	g.deps = make(map[string]*record[S])
	g.seen = cycleSet{limit: g.opts.MaxDependencies}
	g.apartSeen = cycleSet{limit: g.opts.MaxDependencies}
}

// SetMaxDependencies changes the bound of Options. Of more dependencies the oldest are dropped.
func (g *Graph[S]) SetMaxDependencies(n int) {
	g.opts.MaxDependencies = n
	g.init()
	for len(g.deps) > 0 && g.crowded(0) {
		g.drop()
	}
}

// drop removes the oldest record to make room.
func (g *Graph[S]) drop() {
	g.remove(g.oldest)
	g.stats.Dropped++
}

// Add adds a dependency and returns the cycles that it completes and that were
// not returned before, also those that are Apart. It says which more requests for
// the lock in that mode under that held set need not be added.
//
// A goroutine that requests a lock which it holds is no dependency: no other goroutine
// can hold that lock against it, and what it does to itself is a self-deadlock.
// With nothing held it is none either, but in exclusive mode it shows a writer:
// that counts if the lock is in a dependency already, see [Graph.Has].
// The graph keeps no reference to d.Held.
func (g *Graph[S]) Add(d Dependency[S]) (cycles []Cycle[S], known Known) {
	g.init()
	held, cut := heldSet(d.Held, g.opts.MaxHeld)
	if cut {
		g.stats.CutHeld++
	}
	holdsLock := slices.ContainsFunc(d.Held, func(h Held[S]) bool { return h.Lock == d.Lock })
	if d.Goroutine == 0 || d.Lock == 0 || holdsLock {
		return nil, KnownForAll
	}
	d.Held = held
	if len(held) == 0 {
		return g.addFree(d)
	}
	key := keyOf(d)
	r := g.deps[key]
	switch {
	case r == nil:
		r = g.insert(key, d)
	case !g.admit(r, d):
		return nil, r.known()
	}
	if d.Mode == Exclusive {
		r.lock.write()
	}
	cycles = g.cyclesThrough(r)
	return cycles, r.known()
}

// admit takes one more occurrence, if it counts.
func (g *Graph[S]) admit(r *record[S], d Dependency[S]) bool {
	switch known := r.known(); {
	case known == KnownForAll:
		return false
	case known == KnownOnce && r.has(d.Goroutine):
		return g.again != nil && g.again(r.of(d.Goroutine), &d)
	}
	r.refresh(d)
	return true
}

// Has reports whether a dependency mentions the lock.
func (g *Graph[S]) Has(id LockID) bool { return g.locks[id] != nil }

// addFree adds a request of a goroutine that holds nothing.
func (g *Graph[S]) addFree(d Dependency[S]) (cycles []Cycle[S], known Known) {
	l := g.locks[d.Lock]
	if l == nil || d.Mode != Exclusive {
		return nil, KnownForAll
	}
	if l.free == nil {
		l.free = &record[S]{lock: l}
	}
	if !g.admit(l.free, d) {
		return nil, l.free.known()
	}
	l.write()
	cycles = g.cyclesThrough(l.free)
	return cycles, l.free.known()
}

func (r *record[S]) saturated() bool { return len(r.witnesses) >= MaxGoroutines }

func (r *record[S]) has(goroutine uint64) bool { return r.of(goroutine) != nil }

// of returns the dependency of a goroutine, nil if it is none of the witnesses.
func (r *record[S]) of(goroutine uint64) *Dependency[S] {
	i := slices.IndexFunc(r.witnesses, func(d Dependency[S]) bool { return d.Goroutine == goroutine })
	if i < 0 {
		return nil
	}
	return &r.witnesses[i]
}

// heldSet returns a copy of the last limit elements of held, without zero ids and
// repeated locks. A lock that is held twice counts once, where it was first taken,
// in its stronger mode.
func heldSet[S any](held []Held[S], limit int) (set []Held[S], cut bool) {
	if len(held) > limit {
		held, cut = held[len(held)-limit:], true
	}
	set = make([]Held[S], 0, len(held))
	for _, h := range held {
		i := slices.IndexFunc(set, func(o Held[S]) bool { return o.Lock == h.Lock })
		switch {
		case h.Lock == 0:
		case i < 0:
			set = append(set, h)
		case h.Mode == Exclusive:
			set[i].Mode = Exclusive
		}
	}
	return set, cut
}

// keyOf returns the identity of a record: lock, mode and held set, which does not
// depend on the order of acquisition.
func keyOf[S any](d Dependency[S]) string {
	held := slices.Clone(d.Held)
	slices.SortFunc(held, func(a, b Held[S]) int { return cmp.Compare(a.Lock, b.Lock) })
	key := binary.LittleEndian.AppendUint64(nil, uint64(d.Lock))
	key = append(key, byte(d.Mode))
	for _, h := range held {
		key = binary.LittleEndian.AppendUint64(key, uint64(h.Lock))
		key = append(key, byte(h.Mode))
	}
	return string(key)
}

// Forget removes a lock with all dependencies that mention it. The caller does so
// when the lock was collected: none of them can happen again.
func (g *Graph[S]) Forget(id LockID) {
	l := g.locks[id]
	if l == nil {
		return
	}
	// The lock leaves g.locks with the last record that mentions it.
	for len(l.asked) > 0 {
		g.remove(l.asked[len(l.asked)-1])
	}
	for len(l.holds) > 0 {
		g.remove(l.holds[len(l.holds)-1].rec)
	}
}

// Stats returns the counters at this moment.
func (g *Graph[S]) Stats() Stats {
	s := g.stats
	s.Locks, s.Dependencies = len(g.locks), len(g.deps)
	return s
}
