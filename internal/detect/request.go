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
//	g := Cached(gid.Pointer())
//	g, h := l.Request(g, use) // g is nil if the goroutine is not tracked
//	w := g.Wait(h)         // if the lock is not available at once
//	g.WaitOver(w)
//	g.Acquired(h)
//	g.Release(l, use)

// A request that needs nothing but a mark of the stack is worth being inlined in the method:
//
//	if r := g.Outermost(l); r != nil {
//		h = g.Scratch(r, use)
//		callers.MarkHere(h.Mark())
//	}

// Outermost returns the record of l if that is all that a request needs: the goroutine
// holds nothing, and has room for what it may hold. Otherwise it returns nil.
//
//go:norace
func (g *Goroutine) Outermost(l *Lock) *lockRecord {
	r := l.record.Load()
	if r == nil { // apart, as the compiler makes better code of short conditions
		return nil
	}
	quick := r.quick.Load()
	if quick != uintptr(unsafe.Pointer(l)) || g.hash != 0 || g.held == nil {
		return nil
	}
	if std.statistics.on.Load() {
		return nil
	}
	return r
}

// Scratch fills the scratch hold of a goroutine that holds nothing.
//
//go:norace
func (g *Goroutine) Scratch(r *lockRecord, use Use) *HeldLock {
	h := unsafe.SliceData(g.held)
	h.lock, h.how, g.after = r, use.how(), r.alone[use&1]
	return h
}

// Request notes that the running goroutine requests l, and the dependency on the locks that
// it holds already. That comes before the wait, so that an inversion is reported also in
// the run that deadlocks on it. The hold is scratch until Acquired. g is the state of the
// goroutine, nil if the cache does not have it. Both results are nil if the goroutine is not
// tracked.
//
// The caller is the method that the program called.
//
//go:norace
//go:noinline
func (l *Lock) Request(g *Goroutine, use Use) (*Goroutine, *HeldLock) {
	if g == nil {
		if g = std.states.slow(gid.Pointer()); g == nil {
			return nil, nil
		}
	}
	r := l.record.Load()
	isMarked := r != nil && r.quick.Load() == uintptr(unsafe.Pointer(l)) && !std.statistics.on.Load()
	if !isMarked && !r.belongs(l) {
		r = l.make(use)
	}
	if g.n >= len(g.held) {
		g.grow()
	}
	after := extend(g.hash, r.id, use.mode())
	if g.hash != 0 && !r.isUsual(after, g.key) && !r.knows(after, g.key) {
		g.depend(r, use.mode())
		after = extend(g.hash, r.id, use.mode()) // void holds may have gone
	}
	h := &g.held[g.n]
	h.lock, h.how, g.after = r, use.how(), after
	if isMarked {
		callers.MarkCaller(&h.mark)
		return g, h
	}
	if stack := g.walk(h); callers.Fast {
		callers.Walk(stack)
	} else {
		callers.Slow(stack)
	}
	return g, h
}

// walk prepares a hold for a stack that is walked, and returns the place for it. If the
// statistics are on, it notes the time.
//
//go:norace
//go:noinline
func (g *Goroutine) walk(h *HeldLock) *callers.Short {
	h.mark.Clear()
	h.lock.countWalk()
	d := g.details(h)
	if std.statistics.on.Load() {
		h.timed, d.since = true, ticks.Now() // a wait sets it again: see WaitOver
	}
	return &d.stack
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
	h := g.note(r, use.mode())
	if r.quick.Load() == uintptr(unsafe.Pointer(l)) && !std.statistics.on.Load() {
		callers.MarkCaller(&h.mark)
	} else {
		callers.Take(g.walk(h))
	}
	if use.mode() == lockorder.Shared {
		g.AcquiredShared(h)
	} else {
		g.Acquired(h)
	}
}

// Acquired makes the scratch hold, which is in exclusive mode, a real one. The goroutine
// holds the lock now, so only a hand-off that ends this hold changes the count of hand-offs.
//
//go:norace
func (g *Goroutine) Acquired(h *HeldLock) {
	h.handoffs, h.serial, h.before = h.lock.handoffs.Load(), 0, g.hash
	g.hash = g.after
	g.n++
}

// AcquiredShared is Acquired for shared mode.
//
//go:norace
func (g *Goroutine) AcquiredShared(h *HeldLock) {
	g.details(h).precedes = std.registry.begun.Load() + 1
	g.Acquired(h)
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
	top, r := g.n-1, l.record.Load()
	if top < 0 {
		return false
	}
	h := (*HeldLock)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(g.held)), uintptr(top)*unsafe.Sizeof(HeldLock{})))
	if r != h.lock || h.how != use.how() || r.addr != uintptr(unsafe.Pointer(l)) {
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
