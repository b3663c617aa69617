//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// RWMutex is a [sync.RWMutex] that takes part in deadlock detection. The zero
// value is unlocked and ready; like sync's it must not be copied after first use.
// A waiting writer keeps new readers out, so reading while holding a read lock
// can hang: the wait-for graph knows.
type RWMutex struct {
	mu     sync.RWMutex
	record atomic.Pointer[detect.Lock]
}

// Lock locks rw for writing, waiting until nobody else holds it.
//
//go:norace
func (rw *RWMutex) Lock() {
	p := gid.Pointer()
	g := detect.Cached(p)
	if g == nil {
		g = detect.Slow(p)
	}
	if g == nil {
		rw.mu.Lock()
		return
	}
	l := rw.record.Load()
	if !l.Belongs(unsafe.Pointer(rw)) {
		l = rw.place().Make()
	}
	h := g.Prepare(l, lockorder.Exclusive, true)
	if g.IsNewWriter(h) {
		g.Wrote(h)
	}
	if !rw.mu.TryLock() {
		w, _ := g.StartWait(h, nil)
		rw.mu.Lock()
		g.EndWait(w)
	}
	g.Taken(h)
}

// TryLock locks rw for writing if that needs no waiting, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryLock() bool {
	if rw.record.Load().IsForeign(unsafe.Pointer(rw)) {
		rw.place().Make()
	}
	if !rw.mu.TryLock() {
		return false
	}
	rw.place().TookWithoutWaiting(lockorder.Exclusive)
	return true
}

// Unlock unlocks rw for writing.
//
//go:norace
func (rw *RWMutex) Unlock() {
	l := rw.record.Load()
	if l.IsForeign(unsafe.Pointer(rw)) {
		rw.place().Make()
		rw.mu.Unlock()
		return
	}
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Pop(l, lockorder.Exclusive) {
		detect.ReleaseSlow(g, l, lockorder.Exclusive)
	}
	rw.mu.Unlock()
}

// RLock locks rw for reading, waiting while a writer holds it or waits for it.
//
//go:norace
func (rw *RWMutex) RLock() {
	p := gid.Pointer()
	g := detect.Cached(p)
	if g == nil {
		g = detect.Slow(p)
	}
	if g == nil {
		rw.mu.RLock()
		return
	}
	l := rw.record.Load()
	if !l.Belongs(unsafe.Pointer(rw)) {
		l = rw.place().Make()
	}
	h := g.Prepare(l, lockorder.Shared, true)
	if !rw.mu.TryRLock() {
		w, granted := g.StartWait(h, &rw.mu)
		if !granted {
			rw.mu.RLock()
			g.EndWait(w)
		}
	}
	g.Taken(h)
}

// TryRLock locks rw for reading if that needs no waiting, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryRLock() bool {
	if rw.record.Load().IsForeign(unsafe.Pointer(rw)) {
		rw.place().Make()
	}
	if !rw.mu.TryRLock() {
		return false
	}
	rw.place().TookWithoutWaiting(lockorder.Shared)
	return true
}

// RUnlock undoes one RLock.
//
//go:norace
func (rw *RWMutex) RUnlock() {
	l := rw.record.Load()
	if l.IsForeign(unsafe.Pointer(rw)) {
		rw.place().Make()
		rw.mu.RUnlock()
		return
	}
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Pop(l, lockorder.Shared) {
		detect.ReleaseSlow(g, l, lockorder.Shared)
	}
	rw.mu.RUnlock()
}

// RLocker returns a Locker whose Lock and Unlock are rw.RLock and rw.RUnlock.
func (rw *RWMutex) RLocker() Locker { return (*rlocker)(rw) }

type rlocker RWMutex

func (r *rlocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *rlocker) Unlock() { (*RWMutex)(r).RUnlock() }
