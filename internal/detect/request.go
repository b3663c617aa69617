package detect

import (
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/ticks"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Use says what a Lock is part of and in which mode it is asked for.
type Use uint8

// The uses of locks.
const (
	UseMutex Use = iota<<1 | Use(lockorder.Exclusive)
	UseRWMutex
	UseOnce
	ReadRWMutex = UseRWMutex | Use(lockorder.Shared)
)

func (u Use) mode() lockorder.Mode { return lockorder.Mode(u & 1) }

func (u Use) how() how { return how{mode: u.mode()} }

// A lock's method acquires and releases in these steps:
//
//	g, h := l.Request(use) // g is nil if the goroutine is not tracked
//	w := g.Wait(h)         // if the lock is not available at once
//	g.WaitOver(w)
//	g.Acquired(h)
//	g.Release(l, use)

// Request notes that the running goroutine requests l, and the dependency on the locks that
// it holds already. That comes before the wait, so that an inversion is reported also in
// the run that deadlocks on it. The hold is scratch until Acquired. Both results are nil if
// the goroutine is not tracked.
//
// The caller is the method that the program called.
//
//go:norace
//go:noinline
func (l *Lock) Request(use Use) (*Goroutine, *hold) {
	p := gid.Pointer()
	g := std.states.slot(p).Load()
	if g == nil || g.id != gid.ID(p) {
		if g = std.states.slow(p); g == nil {
			return nil, nil
		}
	}
	r := l.record.Load()
	if !r.belongs(l) {
		r = l.make(use)
	}
	if g.n >= len(g.held) {
		g.grow()
	}
	mode := use.mode()
	after := extend(g.hash, r.id, mode)
	if g.hash != 0 && !r.isUsual(after, g.key) && !r.knows(after, g.key) {
		g.depend(r, mode)
		after = extend(g.hash, r.id, mode) // void holds may have gone
	}
	h := &g.held[g.n]
	h.lock, h.after, h.how = r, after, how{mode: mode}
	if std.statistics.on.Load() {
		h.timed, h.since = true, ticks.Now() // a wait sets it again: see WaitOver
	}
	if callers.Fast {
		callers.Walk(&h.stack)
	} else {
		callers.Slow(&h.stack)
	}
	return g, h
}

// dependsOn notes that the goroutine waits for r while it holds its locks, or would have
// waited had it come earlier.
//
//go:norace
func (g *Goroutine) dependsOn(r *lockRecord) {
	if g.n > 0 && !r.knows(extend(g.hash, r.id, lockorder.Exclusive), g.key) {
		g.depend(r, lockorder.Exclusive)
	}
}

// Took notes that the running goroutine has acquired l by a TryLock. A TryLock cannot
// block, so there is no dependency.
//
//go:norace
//go:noinline
func (l *Lock) Took(use Use) {
	g := current()
	if g == nil {
		return
	}
	r := l.record.Load()
	if !r.belongs(l) { // not a copy, else it would have its own by now
		r = l.make(use)
	}
	h := g.scratch(r, use.mode())
	callers.Take(&h.stack)
	g.Acquired(h)
}

// scratch fills the scratch hold except for its stack.
//
//go:norace
func (g *Goroutine) scratch(r *lockRecord, mode lockorder.Mode) *hold {
	if g.n >= len(g.held) {
		g.grow()
	}
	h := &g.held[g.n]
	h.lock, h.after, h.how = r, extend(g.hash, r.id, mode), how{mode: mode}
	if std.statistics.on.Load() {
		h.timed, h.since = true, ticks.Now()
	}
	return h
}

// Acquired makes the scratch hold a real one. The goroutine holds the lock now, so only a
// hand-off that ends this hold changes the count of hand-offs.
//
//go:norace
func (g *Goroutine) Acquired(h *hold) {
	h.handoffs, h.serial = h.lock.handoffs.Load(), 0
	if h.mode == lockorder.Shared {
		h.precedes = std.registry.begun.Load() + 1
	} else {
		h.precedes = 0
	}
	h.before = g.hash
	g.hash = h.after
	g.n++
}

// The common case of a release is worth being inlined in the Unlock method:
//
//	if g := Cached(gid.Pointer()); g == nil || !g.Release(l, use) {
//		l.ReleaseSlow(g, use)
//	}

// Cached returns the state of the running goroutine, whose g is p, if the cache has it.
//
//go:norace
func Cached(p uintptr) *Goroutine { return std.states.cached(p) }

// Release removes the newest hold if it is of l, in the mode of the use, and not timed. It
// reports whether it did.
//
//go:norace
func (g *Goroutine) Release(l *Lock, use Use) bool {
	top := g.n - 1
	if uint(top) >= uint(len(g.held)) {
		return false
	}
	h := &g.held[top]
	if r := h.lock; r != l.record.Load() || h.how != use.how() || r.addr != uintptr(unsafe.Pointer(l)) {
		return false
	}
	g.n = top
	g.hash = h.before
	return true
}

// ReleaseSlow is a release that Release does not serve: g is nil since the cache does not
// have it, the hold is timed or not the newest one, the goroutine is not tracked, or
// another one acquired the lock.
//
//go:norace
//go:noinline
func (l *Lock) ReleaseSlow(g *Goroutine, use Use) {
	r, mode := l.record.Load(), use.mode()
	if r.isForeign(l) {
		l.make(use)
		return
	}
	if g == nil {
		if g = current(); g == nil {
			return
		}
	}
	if !g.pop(r, mode) {
		g.releasedBelow(r, mode)
	}
	if !gid.Fast {
		std.states.idle(g)
	}
}

// pop removes the newest hold if it is of r, in the mode, and not timed. It is small enough
// to be inlined; releasedBelow does the rest.
//
//go:norace
func (g *Goroutine) pop(r *lockRecord, mode lockorder.Mode) bool {
	top := g.n - 1
	if uint(top) >= uint(len(g.held)) {
		return false
	}
	h := &g.held[top]
	if h.lock != r || h.how != (how{mode: mode}) {
		return false
	}
	g.n = top
	g.hash = h.before
	return true
}
