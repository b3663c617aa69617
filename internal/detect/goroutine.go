package detect

import (
	"math/bits"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/ticks"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// goroutine is what the agent knows of one goroutine. Only that goroutine reads
// and writes it, so it needs no lock and no atomic. What others must know of it
// (while it is blocked) it publishes in a wait, under the registry's lock.
//
// A g serves one goroutine after another, and so does this state. The runtime
// orders the end of the one before the start of the next, but the race detector
// does not know that order; the functions that touch the state are therefore
// marked norace. They move holds one by one: copy and append tell the race
// detector of themselves what they touch, whoever calls them.
type Goroutine struct {
	g uintptr
	// id is the goroutine that the state belongs to; 0 while the agent itself
	// runs on it (see enter), so that a lock taken by a user's writer or logger
	// inside a report is not tracked.
	id      uint64
	creator uintptr
	// Invariant: held[:n] are the locks held, oldest first, and hash is the chain
	// key of that sequence; each hold keeps the key from before it. held[n] is
	// scratch for the acquire in progress.
	N      int
	hash   uint64
	held   []hold
	inside uint64 // the id while the agent runs on the goroutine
	// table is held's array, for others to find while the goroutine waits: a slice
	// has three words, a pointer is read whole.
	table atomic.Pointer[[]hold]
	// uses are the uses of subjects that were told last: see used.
	uses   [usedSlots]uint64
	parent uint64 // the id of the goroutine that created it, 0 if unknown
	// owes is the wait group whose Go started the goroutine, until it ends.
	owes *Group
	// gone is the id of a tenant that agent.Go saw end.
	gone     atomic.Uint64
	Blocked  blocked
	timeline timeline
	// errand is what the goroutine was started for, nil if by one without locks; seed
	// is its chain key of nothing held. marks counts the marks of holds.
	errand *errand
	seed   uint64
	marks  uint32
	idling idling // see states.idle
}

// hold is one lock in a goroutine's hands.
type hold struct {
	lock *Lock
	// before and after are the chain keys without and with this hold.
	before, after uint64
	how
	handoffs uint32
	mark     uint32 // tells it from later holds of the same lock, where an errand names it; else 0
	vouch    uint64 // for a read lock: the registrations of readers that it precedes
	stack    callers.Short
	since    uint64 // if timed: the ticks of the acquire
}

// how is compared as a whole, so that a release looks at one word.
type how struct {
	mode  lockorder.Mode
	timed bool // the statistics were on at the acquire
}

// firstHolds is the room for holds that a goroutine starts with: most hold one
// lock, many two.
const firstHolds = 3

//go:norace
func (g *Goroutine) reset(id uint64, creator uintptr) {
	g.id, g.creator, g.N, g.hash, g.owes = id, creator, 0, 0, nil
	for i := range g.uses {
		g.uses[i] = 0
	}
	g.errand, g.seed = nil, 0
	g.timeline.forget()
	if g.Blocked.turn.Load()%2 == 1 { // it ended while the agent took it for blocked
		g.Unblock()
	}
}

// extend returns the hash of a held sequence followed by one more lock (the chain
// key of Linux lockdep). Two sequences collide with a chance of 2^-64.
func extend(hash uint64, id lockorder.LockID, mode lockorder.Mode) uint64 {
	hash = (bits.RotateLeft64(hash, 27) ^ uint64(id)<<1 ^ uint64(mode)) * 0x9e3779b97f4a7c15
	return hash ^ hash>>32
}

// prepare fills the scratch hold for an acquire of l and returns it. If the
// acquire may block it first notes the dependency on the locks already held. The
// caller, a lock's method, acquires the lock and then calls taken.
//
//go:norace
func (g *Goroutine) Prepare(l *Lock, mode lockorder.Mode, mayBlock bool) *hold {
	after := extend(g.hash, l.id, mode)
	if g.hash != 0 && mayBlock && !l.knows(after, g.id) {
		g.depend(l, mode)
		after = extend(g.hash, l.id, mode) // void holds may have gone
	}
	if g.N >= len(g.held) {
		g.grow()
		after = extend(g.hash, l.id, mode)
	}
	h := &g.held[g.N]
	h.lock = l
	h.after = after
	h.how = how{mode: mode}
	if std.statistics.on.Load() {
		h.timed, h.since = true, ticks.Now() // an acquire that waits notes it again: see endWait
	}
	if callers.Fast {
		callers.Walk(&h.stack)
	} else {
		callers.Slow(&h.stack)
	}
	return h
}

// tookWithoutWaiting notes that the running goroutine has the lock by a TryLock.
//
//go:norace
//go:noinline
func (p Place) TookWithoutWaiting(mode lockorder.Mode) {
	g := Current()
	if g == nil {
		return
	}
	l := p.Slot.Load()
	if !l.Belongs(p.Addr) { // not a copy, else it would have its own by now
		l = p.replace(l)
	}
	g.Taken(g.Prepare(l, mode, false))
}

// taken makes the scratch hold a real one. The goroutine holds the lock now, so
// the count of hand-offs is stable but for one that ends this very hold.
//
//go:norace
func (g *Goroutine) Taken(h *hold) {
	h.handoffs, h.mark = h.lock.handoffs.Load(), 0
	if h.mode == lockorder.Shared {
		h.vouch = std.registry.begun.Load() + 1
	} else {
		h.vouch = 0
	}
	h.before = g.hash
	g.hash = h.after
	g.N++
}

// pop forgets the newest hold if it is l in the mode and its time is not taken. It is
// the common half of a release and small enough to be inlined; releasedBelow is the
// other half.
//
//go:norace
func (g *Goroutine) Pop(l *Lock, mode lockorder.Mode) bool {
	top := g.N - 1
	if uint(top) >= uint(len(g.held)) {
		return false
	}
	h := &g.held[top]
	if h.lock != l || h.how != (how{mode: mode}) {
		return false
	}
	g.N = top
	g.hash = h.before
	return true
}

// releasedBelow forgets the newest hold of l where pop does not: it is not on top, or
// its time is taken. Where there is none, another goroutine acquired the lock.
//
//go:norace
//go:noinline
func (g *Goroutine) ReleasedBelow(l *Lock, mode lockorder.Mode) {
	if g.popMeasured(l, mode) {
		return
	}
	for i := g.N - 2; i >= 0; i-- {
		if g.held[i].lock == l && g.held[i].mode == mode {
			g.measure(&g.held[i])
			for g.N--; i < g.N; i++ {
				g.held[i] = g.held[i+1]
			}
			g.rehash()
			return
		}
	}
	if l != nil {
		handOver(l)
		if std.sink.config().ForeignUnlock {
			g.foreign(l, mode)
		}
	}
}

// compact drops the holds that somebody else has ended.
//
//go:norace
func (g *Goroutine) compact() {
	kept := 0
	for i := range g.N {
		if h := &g.held[i]; h.handoffs == h.lock.handoffs.Load() {
			if kept != i {
				g.held[kept] = *h
			}
			kept++
		}
	}
	if kept < g.N {
		g.N = kept
		g.rehash()
	}
}

// rehash restores the chain keys after a hold went from the middle.
//
//go:norace
func (g *Goroutine) rehash() {
	g.hash = g.seed
	for i := range g.N {
		h := &g.held[i]
		h.before, h.after = g.hash, extend(g.hash, h.lock.id, h.mode)
		g.hash = h.after
	}
}

// grow makes room for one more hold. Holds that were handed over go first, so
// that a lock used as a semaphore does not fill the list for ever.
//
//go:norace
//go:noinline
func (g *Goroutine) grow() {
	g.compact()
	if g.N < len(g.held) {
		return
	}
	bigger := make([]hold, max(firstHolds, 2*len(g.held)))
	for i := range g.held {
		bigger[i] = g.held[i]
	}
	g.held = bigger
	g.table.Store(&bigger)
}

// snapshot copies the holds, for others to read.
//
//go:norace
func (g *Goroutine) snapshot() []hold {
	holds := make([]hold, g.N)
	for i := range holds {
		holds[i] = g.held[i]
	}
	return holds
}

// enter marks that the agent's own slow paths run on the goroutine: current
// returns nil until leave, so whatever they lock is not tracked.
//
//go:norace
func (g *Goroutine) enter() { g.id, g.inside = 0, g.id }

//go:norace
func (g *Goroutine) leave() { g.id, g.inside = g.inside, 0 }
