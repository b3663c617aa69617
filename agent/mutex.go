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

// Mutex is a [sync.Mutex] that takes part in deadlock detection. The zero value
// is unlocked and ready; like sync's it must not be copied after first use, and
// what sync makes fatal stays fatal with the same words.
type Mutex struct {
	mu     sync.Mutex
	record atomic.Pointer[detect.Lock]
}

// Lock locks m, waiting until it is available.
//
// The dependency on the locks already held is noted before waiting, so that an
// inversion is reported also by the run that hangs in it.
//
//go:norace
func (m *Mutex) Lock() {
	p := gid.Pointer()
	g := detect.Cached(p)
	if g == nil {
		g = detect.Slow(p)
	}
	if g == nil {
		m.mu.Lock()
		return
	}
	l := m.record.Load()
	if !l.Belongs(unsafe.Pointer(m)) {
		l = m.place().Make()
	}
	h := g.Prepare(l, lockorder.Exclusive, true)
	if !m.mu.TryLock() {
		w, _ := g.StartWait(h, nil)
		m.mu.Lock()
		g.EndWait(w)
	}
	g.Taken(h)
}

// TryLock locks m if that needs no waiting, and reports whether it did. It cannot
// block, so it makes no lock-order dependency; what it takes is held like any lock.
//
//go:norace
func (m *Mutex) TryLock() bool {
	if m.record.Load().IsForeign(unsafe.Pointer(m)) {
		m.place().Make()
	}
	if !m.mu.TryLock() {
		return false
	}
	m.place().TookWithoutWaiting(lockorder.Exclusive)
	return true
}

// Unlock unlocks m. As with sync.Mutex another goroutine than the one that locked
// it may do so; the agent then takes the lock for a semaphore.
//
//go:norace
func (m *Mutex) Unlock() {
	l := m.record.Load()
	if l.IsForeign(unsafe.Pointer(m)) {
		m.place().Make()
		m.mu.Unlock()
		return
	}
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Pop(l, lockorder.Exclusive) {
		detect.ReleaseSlow(g, l, lockorder.Exclusive)
	}
	m.mu.Unlock()
}
