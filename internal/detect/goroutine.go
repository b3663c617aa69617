package detect

import (
	"math/bits"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Goroutine is the state of one goroutine of the program. Only that goroutine writes it, so
// it needs no lock and no atomics. What others must know while it is blocked it publishes:
// see blocked and wait.
//
// A g serves one goroutine after another, and so does this state. The runtime
// orders the end of the one before the start of the next, but the race detector
// does not know that order; the functions that touch the state are therefore
// marked norace. They move holds one by one, since copy and append report to the race
// detector what they touch even if their caller is marked.
type Goroutine struct {
	g uintptr
	// id is the id of the goroutine; 0 while the engine itself runs on it (see enter), so
	// that it does not track locks that a writer or logger of the program acquires inside a
	// report.
	id uint64
	// key stands for the goroutine in the chain cache. It is a new one for each turn: see turn.
	key uint64
	// Invariant: held[:n] are the locks held, oldest first, and hash is the chain
	// key of that sequence; each hold keeps the key from before it. held[n] is
	// scratch for the request in progress.
	n       int
	hash    uint64
	held    []hold
	inside  uint64 // the id while the engine runs on the goroutine
	creator uintptr
	// table refers to held for other goroutines: a slice has three words, but a pointer is
	// read whole.
	table atomic.Pointer[[]hold]
	// uses are the last uses of waitables that were recorded: see used.
	uses   [usedSlots]uint64
	parent uint64 // the id of the goroutine that created it, 0 if unknown
	// owes is the wait group whose Go started the goroutine, until that ends.
	owes *groupRecord
	// gone is the id of a goroutine with this state that was seen to end, by agent.Go.
	gone     atomic.Uint64
	blocked  blocked
	timeline timeline
	// delegation is nil if the creator held no locks; seed is its chain key of nothing held.
	// serials counts the serial numbers of holds.
	delegation *delegation
	seed       uint64
	serials    uint32
	idling     idling // see states.idle
}

// hold is one lock that a goroutine holds.
type hold struct {
	lock *lockRecord
	// before and after are the chain keys without and with this hold.
	before, after uint64
	how
	handoffs uint32
	serial   uint32 // distinguishes it from later holds of the same lock, if a delegation refers to it; else 0
	precedes uint64 // for a read lock: the registrations of readers that it precedes
	stack    callers.Short
	since    uint64 // if timed: the ticks of the acquisition
}

// how is compared as a whole, so that a release reads one word.
type how struct {
	mode  lockorder.Mode
	timed bool // the statistics were on when the lock was requested
}

// firstHolds is the initial capacity for holds: most goroutines hold one lock, many two.
const firstHolds = 3

//go:norace
func (g *Goroutine) reset(id uint64, creator uintptr) {
	g.id, g.key, g.creator, g.n, g.hash, g.owes = id, id, creator, 0, 0, nil
	for i := range g.uses {
		g.uses[i] = 0
	}
	g.delegation, g.seed = nil, 0
	g.timeline.forget()
	if g.blocked.turn.Load()%2 == 1 { // it ended while it counted as blocked
		g.unblock()
	}
}

// extend returns the hash of a held sequence followed by one more lock (the chain
// key of Linux lockdep). Two sequences collide with a chance of 2^-64.
func extend(hash uint64, id lockorder.LockID, mode lockorder.Mode) uint64 {
	hash = (bits.RotateLeft64(hash, 27) ^ uint64(id)<<1 ^ uint64(mode)) * 0x9e3779b97f4a7c15
	return hash ^ hash>>32
}

// releasedBelow removes the newest hold of l if pop does not: it is not the newest of all,
// or it is timed. If there is none, another goroutine acquired the lock.
//
//go:norace
//go:noinline
func (g *Goroutine) releasedBelow(l *lockRecord, mode lockorder.Mode) {
	if g.popMeasured(l, mode) {
		return
	}
	for i := g.n - 2; i >= 0; i-- {
		if g.held[i].lock == l && g.held[i].mode == mode {
			g.measure(&g.held[i])
			for g.n--; i < g.n; i++ {
				g.held[i] = g.held[i+1]
			}
			g.rehash()
			return
		}
	}
	if l != nil {
		g.handOver(l, mode)
		g.foreign(l, mode)
	}
}

// compact drops the holds that other goroutines have released.
//
//go:norace
func (g *Goroutine) compact() {
	kept := 0
	for i := range g.n {
		if h := &g.held[i]; h.handoffs == h.lock.handoffs.Load() {
			if kept != i {
				g.held[kept] = *h
			}
			kept++
		}
	}
	if kept < g.n {
		g.n = kept
		g.rehash()
	}
}

// rehash restores the chain keys after a hold was removed from the middle.
//
//go:norace
func (g *Goroutine) rehash() {
	g.hash = g.seed
	for i := range g.n {
		h := &g.held[i]
		h.before, h.after = g.hash, extend(g.hash, h.lock.id, h.mode)
		g.hash = h.after
	}
}

// grow makes room for one more hold. It first drops holds that were handed over, so that a
// lock used as a semaphore does not fill the list.
//
//go:norace
//go:noinline
func (g *Goroutine) grow() {
	g.compact()
	if g.n < len(g.held) {
		return
	}
	bigger := make([]hold, max(firstHolds, 2*len(g.held)))
	//lint:ignore S1001 copy tells the race detector of the reads, from norace functions too
	for i := range g.held {
		bigger[i] = g.held[i]
	}
	g.held = bigger
	g.table.Store(&bigger)
}

// snapshot returns a copy of the holds.
//
//go:norace
func (g *Goroutine) snapshot() []hold {
	holds := make([]hold, g.n)
	for i := range holds {
		holds[i] = g.held[i]
	}
	return holds
}

// enter marks that the engine's own slow paths run on the goroutine: current returns nil
// until leave, so that the locks which they use are not tracked.
//
//go:norace
func (g *Goroutine) enter() { g.id, g.inside = 0, g.id }

//go:norace
func (g *Goroutine) leave() { g.id, g.inside = g.inside, 0 }
