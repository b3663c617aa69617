//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Mutex is a [sync.Mutex] that takes part in deadlock detection. The zero value
// is unlocked and ready; like sync's it must not be copied after first use, and
// what sync makes fatal stays fatal with the same words.
type Mutex struct {
	mu     sync.Mutex
	record atomic.Pointer[lock]
}

// Lock locks m, waiting until it is available.
//
// The dependency on the locks already held is noted before waiting, so that an
// inversion is reported also by the run that hangs in it.
//
//go:norace
func (m *Mutex) Lock() {
	p := gid.Pointer()
	g := std.states.cached(p)
	if g == nil {
		g = std.states.slow(p)
	}
	if g == nil {
		m.mu.Lock()
		return
	}
	l := m.record.Load()
	if !l.belongs(unsafe.Pointer(m)) {
		l = m.place().make()
	}
	h := g.prepare(l, lockorder.Exclusive, true)
	if !m.mu.TryLock() {
		w, _ := g.startWait(h, nil)
		m.mu.Lock()
		g.endWait(w)
	}
	g.taken(h)
}

// TryLock locks m if that needs no waiting, and reports whether it did. It cannot
// block, so it makes no lock-order dependency; what it takes is held like any lock.
//
//go:norace
func (m *Mutex) TryLock() bool {
	if m.record.Load().isForeign(unsafe.Pointer(m)) {
		m.place().make()
	}
	if !m.mu.TryLock() {
		return false
	}
	m.place().tookWithoutWaiting(lockorder.Exclusive)
	return true
}

// Unlock unlocks m. As with sync.Mutex another goroutine than the one that locked
// it may do so; the agent then takes the lock for a semaphore.
//
//go:norace
func (m *Mutex) Unlock() {
	l := m.record.Load()
	if l.isForeign(unsafe.Pointer(m)) {
		m.place().make()
		m.mu.Unlock()
		return
	}
	if g := std.states.cached(gid.Pointer()); g == nil || !g.pop(l, lockorder.Exclusive) {
		releaseSlow(g, l, lockorder.Exclusive)
	}
	m.mu.Unlock()
}
