package detect

import (
	"math/bits"
	"sync/atomic"

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
	// scratch for the request in progress, and after the chain key with that.
	n       int
	hash    uint64
	after   uint64
	held    []HeldLock
	inside  uint64 // the id while the engine runs on the goroutine
	creator uintptr
	// table has held and the details, also for other goroutines: a slice has three words, but
	// a pointer is read whole.
	table atomic.Pointer[heldTable]
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
				g.table.Load().move(i, i+1)
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

// enter marks that the engine's own slow paths run on the goroutine: current returns nil
// until leave, so that the locks which they use are not tracked.
//
//go:norace
func (g *Goroutine) enter() { g.id, g.inside = 0, g.id }

//go:norace
func (g *Goroutine) leave() { g.id, g.inside = g.inside, 0 }
