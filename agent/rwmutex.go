//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// RWMutex is a [sync.RWMutex] that takes part in deadlock detection. The zero value for a
// RWMutex is an unlocked mutex. A RWMutex must not be copied after first use.
//
// A waiting writer blocks new readers, so a goroutine that read-locks a lock which it
// already holds can deadlock. The agent reports that too.
//
// The guarantees of [the Go memory model] are those of sync: the n'th call to
// [RWMutex.Unlock] “synchronizes before” the m'th call to Lock for any n < m, as for
// [Mutex]. For any call to RLock there is an n such that the n'th call to Unlock
// “synchronizes before” that call to RLock, and the corresponding call to
// [RWMutex.RUnlock] “synchronizes before” the n+1'th call to Lock. Successful calls to
// TryLock and TryRLock are equivalent to calls to Lock and RLock; failed ones establish no
// “synchronizes before” relation.
//
// [the Go memory model]: https://go.dev/ref/mem
type RWMutex struct {
	lock detect.Lock
	mu   sync.RWMutex
}

// Lock locks rw for writing. If the lock is already locked for reading or writing, Lock
// blocks until the lock is available.
//
//go:norace
func (rw *RWMutex) Lock() {
	g, h := detect.Cached(gid.Pointer()), (*detect.HeldLock)(nil)
	if g != nil {
		if r := g.Outermost(&rw.lock); r != nil {
			h = g.Scratch(r, detect.UseRWMutex)
			callers.MarkHere(h.Mark())
		}
	}
	if h == nil {
		if g, h = rw.lock.Request(g, detect.UseRWMutex); h == nil {
			rw.mu.Lock()
			return
		}
	}
	g.Writes(h)
	if !rw.mu.TryLock() {
		w := g.Wait(h)
		rw.mu.Lock()
		g.WaitOver(w)
	}
	g.Acquired(h)
}

// TryLock tries to lock rw for writing and reports whether it succeeded.
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

// Unlock unlocks rw for writing. It is a fatal error if rw is not locked for writing on
// entry to Unlock. As with a [Mutex], another goroutine may unlock it.
//
//go:norace
func (rw *RWMutex) Unlock() {
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Release(&rw.lock, detect.UseRWMutex) {
		rw.lock.ReleaseSlow(g, detect.UseRWMutex)
	}
	rw.mu.Unlock()
}

// RLock locks rw for reading. It blocks while a writer holds the lock or waits for it.
//
//go:norace
func (rw *RWMutex) RLock() {
	g, h := detect.Cached(gid.Pointer()), (*detect.HeldLock)(nil)
	if g != nil {
		if r := g.Outermost(&rw.lock); r != nil {
			h = g.Scratch(r, detect.ReadRWMutex)
			callers.MarkHere(h.Mark())
		}
	}
	if h == nil {
		if g, h = rw.lock.Request(g, detect.ReadRWMutex); h == nil {
			rw.mu.RLock()
			return
		}
	}
	if !rw.mu.TryRLock() {
		w, granted := g.WaitToRead(h, &rw.mu)
		if !granted {
			rw.mu.RLock()
			g.WaitOver(w)
		}
	}
	g.AcquiredShared(h)
}

// TryRLock tries to lock rw for reading and reports whether it succeeded.
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

// RUnlock undoes a single RLock call; it does not affect other readers. It is a fatal
// error if rw is not locked for reading on entry to RUnlock.
//
//go:norace
func (rw *RWMutex) RUnlock() {
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Release(&rw.lock, detect.ReadRWMutex) {
		rw.lock.ReleaseSlow(g, detect.ReadRWMutex)
	}
	rw.mu.RUnlock()
}

// RLocker returns a [Locker] whose Lock and Unlock methods call rw.RLock and rw.RUnlock.
func (rw *RWMutex) RLocker() Locker { return (*rlocker)(rw) }

type rlocker RWMutex

func (r *rlocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *rlocker) Unlock() { (*RWMutex)(r).RUnlock() }
