//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// Mutex is a [sync.Mutex] that takes part in deadlock detection. The zero value
// is unlocked and ready; like sync's it must not be copied after first use, and
// what sync makes fatal stays fatal with the same words.
type Mutex struct {
	lock detect.Lock
	mu   sync.Mutex
}

// Lock locks m, waiting until it is available.
//
// The dependency on the locks already held is noted before waiting, so that an
// inversion is reported also by the run that hangs in it.
//
//go:norace
func (m *Mutex) Lock() {
	g, h := m.lock.Request(detect.UseMutex)
	if g == nil {
		m.mu.Lock()
		return
	}
	if !m.mu.TryLock() {
		w := g.Wait(h)
		m.mu.Lock()
		g.WaitOver(w)
	}
	g.Acquired(h)
}

// TryLock locks m if that needs no waiting, and reports whether it did. It cannot
// block, so it makes no lock-order dependency; what it takes is held like any lock.
//
//go:norace
func (m *Mutex) TryLock() bool {
	m.lock.Adopt(detect.UseMutex)
	if !m.mu.TryLock() {
		return false
	}
	m.lock.Took(detect.UseMutex)
	return true
}

// Unlock unlocks m. As with sync.Mutex another goroutine than the one that locked
// it may do so; the agent then takes the lock for a semaphore.
//
//go:norace
func (m *Mutex) Unlock() {
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Release(&m.lock, detect.UseMutex) {
		m.lock.ReleaseSlow(g, detect.UseMutex)
	}
	m.mu.Unlock()
}
