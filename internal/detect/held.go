package detect

import (
	"slices"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// HeldLock is one lock that a goroutine holds, as the goroutine keeps it: one cache line.
//
// The stack of the acquisition is needed only if something is requested under the lock, or
// waits, or asks. So a lock that was acquired often gets no more than a mark of it, and
// settle makes the whole stack while the functions in it are still being called. The stack
// of any other acquisition is walked at once. See lockRecord.quick.
type HeldLock struct {
	lock   *lockRecord
	before uint64 // the chain key without this lock
	how
	handoffs uint32
	serial   uint32       // distinguishes it from later holds of the same lock, if a delegation refers to it; else 0
	mark     callers.Mark // not set if the stack was walked
}

// how is compared as a whole, so that a release reads one word.
type how struct {
	mode  lockorder.Mode
	timed bool // the statistics were on when the lock was requested
}

// heldDetails is what few acquisitions need.
type heldDetails struct {
	precedes uint64        // if shared: the registrations of readers that it precedes
	since    uint64        // if timed: the ticks of the acquisition
	stack    callers.Short // if the mark is not set
}

// hold is a copy of a HeldLock with its stack.
type hold struct {
	HeldLock
	heldDetails
}

// heldTable has room for the locks that a goroutine holds.
type heldTable struct {
	locks   []HeldLock
	details []heldDetails // as many
}

// firstHolds is the initial capacity for holds: most goroutines hold one lock, many two.
const firstHolds = 3

func newHeldTable(size int) *heldTable {
	return &heldTable{make([]HeldLock, size), make([]heldDetails, size)}
}

// hold returns a copy of the hold at the index. Its stack has the calls of the mark if that
// is set.
//
//go:norace
func (t *heldTable) hold(i int) hold {
	d := &t.details[i]
	h := hold{HeldLock: t.locks[i]}
	if h.mode == lockorder.Shared {
		h.precedes = d.precedes
	}
	if h.timed {
		h.since = d.since
	}
	if h.mark.IsSet() {
		h.mark.Begin(&h.stack)
		return h
	}
	//lint:ignore S1001 a copy of the whole could tell the race detector of the read
	for i := range d.stack {
		h.stack[i] = d.stack[i]
	}
	return h
}

// Mark is what the method of a lock fills after Outermost.
func (h *HeldLock) Mark() *callers.Mark { return &h.mark }

// move moves a hold to a lower index.
//
//go:norace
func (t *heldTable) move(to, from int) {
	t.locks[to] = t.locks[from]
	t.details[to] = t.details[from]
}

func (t *heldTable) bytes() int64 {
	return int64(len(t.locks)) * int64(unsafe.Sizeof(HeldLock{})+unsafe.Sizeof(heldDetails{}))
}

// isWhole reports whether the stack has all the calls that it would have had if it had been
// walked when the lock was acquired.
func (h *hold) isWhole() bool { return !h.mark.IsSet() || h.mark.IsWhole() }

// withRest returns the innermost calls of an acquisition, and what calls them by the current
// stack of the goroutine, if the outermost one of them is still there.
func withRest(known, now finding.Stack) finding.Stack {
	if len(known) == 0 {
		return known
	}
	last := known[len(known)-1]
	at := slices.Index(now, last)
	if at < 0 { // it may have gone on to another line
		at = slices.IndexFunc(now, func(f finding.Frame) bool { return f.Func == last.Func })
	}
	if at < 0 {
		return known
	}
	return slices.Concat(known, now[at+1:])
}

// isValid reports whether no other goroutine has released the lock.
func (h *HeldLock) isValid() bool { return h.handoffs == h.lock.handoffs.Load() }

// note fills the scratch hold except for its stack.
//
//go:norace
func (g *Goroutine) note(r *lockRecord, mode lockorder.Mode) *HeldLock {
	if g.n >= len(g.held) {
		g.grow()
	}
	h := &g.held[g.n]
	h.lock, h.how, g.after = r, how{mode: mode}, extend(g.hash, r.id, mode)
	return h
}

// details returns the details of a hold in the goroutine's table.
//
//go:norace
func (g *Goroutine) details(h *HeldLock) *heldDetails {
	at := (uintptr(unsafe.Pointer(h)) - uintptr(unsafe.Pointer(&g.held[0]))) / unsafe.Sizeof(*h)
	return &g.table.Load().details[at]
}

// settle makes sure that the hold has its stack. The goroutine itself must call it.
//
//go:norace
func (g *Goroutine) settle(h *HeldLock) *callers.Short {
	d := g.details(h)
	if !h.mark.IsSet() {
		return &d.stack
	}
	if !h.mark.Resume(&d.stack) {
		h.lock.walkAlways()
	}
	h.mark.Clear()
	return &d.stack
}

// settleAll makes sure that all holds have their stacks.
//
//go:norace
func (g *Goroutine) settleAll() {
	for i := range g.n {
		if h := &g.held[i]; h.mark.IsSet() {
			g.settle(h)
		}
	}
}

// snapshot returns a copy of the holds. If the goroutine does not run, marks stay marks.
//
//go:norace
func (g *Goroutine) snapshot() []hold {
	holds := make([]hold, g.n)
	for i := range holds {
		holds[i] = g.table.Load().hold(i)
	}
	return holds
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
	bigger := newHeldTable(max(firstHolds, 2*len(g.held)))
	for i := range g.held {
		bigger.locks[i] = g.held[i]
		bigger.details[i] = g.table.Load().details[i]
	}
	g.held = bigger.locks
	g.table.Store(bigger)
}

// compact drops the holds that other goroutines have released.
//
//go:norace
func (g *Goroutine) compact() {
	kept := 0
	for i := range g.n {
		if g.held[i].isValid() {
			if kept != i {
				g.table.Load().move(kept, i)
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
		h.before = g.hash
		g.hash = extend(g.hash, h.lock.id, h.mode)
	}
}
