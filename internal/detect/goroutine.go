package detect

import (
	"math/bits"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
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
	n      int
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
	owes *groupRecord
	// gone is the id of a tenant that agent.Go saw end.
	gone     atomic.Uint64
	blocked  blocked
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
	lock *lockRecord
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
	g.id, g.creator, g.n, g.hash, g.owes = id, creator, 0, 0, nil
	for i := range g.uses {
		g.uses[i] = 0
	}
	g.errand, g.seed = nil, 0
	g.timeline.forget()
	if g.blocked.turn.Load()%2 == 1 { // it ended while the agent took it for blocked
		g.unblock()
	}
}

// extend returns the hash of a held sequence followed by one more lock (the chain
// key of Linux lockdep). Two sequences collide with a chance of 2^-64.
func extend(hash uint64, id lockorder.LockID, mode lockorder.Mode) uint64 {
	hash = (bits.RotateLeft64(hash, 27) ^ uint64(id)<<1 ^ uint64(mode)) * 0x9e3779b97f4a7c15
	return hash ^ hash>>32
}

// releasedBelow forgets the newest hold of l where pop does not: it is not on top, or
// its time is taken. Where there is none, another goroutine acquired the lock.
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
		handOver(l)
		g.foreign(l, mode)
	}
}

// compact drops the holds that somebody else has ended.
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

// rehash restores the chain keys after a hold went from the middle.
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

// grow makes room for one more hold. Holds that were handed over go first, so
// that a lock used as a semaphore does not fill the list for ever.
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

// snapshot copies the holds, for others to read.
//
//go:norace
func (g *Goroutine) snapshot() []hold {
	holds := make([]hold, g.n)
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
