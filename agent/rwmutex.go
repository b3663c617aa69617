//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// RWMutex is a [sync.RWMutex] that takes part in deadlock detection. The zero
// value is unlocked and ready; like sync's it must not be copied after first use.
// A waiting writer keeps new readers out, so reading while holding a read lock
// can hang: the wait-for graph knows.
type RWMutex struct {
	lock detect.Lock
	mu   sync.RWMutex
}

// Lock locks rw for writing, waiting until nobody else holds it.
//
//go:norace
func (rw *RWMutex) Lock() {
	g, h := rw.lock.Request(detect.UseRWMutex)
	if g == nil {
		rw.mu.Lock()
		return
	}
	g.Writes(h)
	if !rw.mu.TryLock() {
		w := g.Wait(h)
		rw.mu.Lock()
		g.WaitOver(w)
	}
	g.Acquired(h)
}

// TryLock locks rw for writing if that needs no waiting, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryLock() bool {
	rw.lock.Adopt(detect.UseRWMutex)
	if !rw.mu.TryLock() {
		return false
	}
	rw.lock.Took(detect.UseRWMutex)
	return true
}

// Unlock unlocks rw for writing.
//
//go:norace
func (rw *RWMutex) Unlock() {
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Release(&rw.lock, detect.UseRWMutex) {
		rw.lock.ReleaseSlow(g, detect.UseRWMutex)
	}
	rw.mu.Unlock()
}

// RLock locks rw for reading, waiting while a writer holds it or waits for it.
//
//go:norace
func (rw *RWMutex) RLock() {
	g, h := rw.lock.Request(detect.ReadRWMutex)
	if g == nil {
		rw.mu.RLock()
		return
	}
	if !rw.mu.TryRLock() {
		w, granted := g.WaitToRead(h, &rw.mu)
		if !granted {
			rw.mu.RLock()
			g.WaitOver(w)
		}
	}
	g.Acquired(h)
}

// TryRLock locks rw for reading if that needs no waiting, and reports whether it did.
//
//go:norace
func (rw *RWMutex) TryRLock() bool {
	rw.lock.Adopt(detect.UseRWMutex)
	if !rw.mu.TryRLock() {
		return false
	}
	rw.lock.Took(detect.ReadRWMutex)
	return true
}

// RUnlock undoes one RLock.
//
//go:norace
func (rw *RWMutex) RUnlock() {
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Release(&rw.lock, detect.ReadRWMutex) {
		rw.lock.ReleaseSlow(g, detect.ReadRWMutex)
	}
	rw.mu.RUnlock()
}

// RLocker returns a Locker whose Lock and Unlock are rw.RLock and rw.RUnlock.
func (rw *RWMutex) RLocker() Locker { return (*rlocker)(rw) }

type rlocker RWMutex

func (r *rlocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *rlocker) Unlock() { (*RWMutex)(r).RUnlock() }
