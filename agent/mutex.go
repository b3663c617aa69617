//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// Mutex is a [sync.Mutex] that takes part in deadlock detection. The zero value for a
// Mutex is an unlocked mutex. A Mutex must not be copied after first use. What sync makes
// fatal stays fatal, with the same words.
//
// The guarantees of [the Go memory model] are those of sync: the n'th call to
// [Mutex.Unlock] “synchronizes before” the m'th call to [Mutex.Lock] for any n < m. A
// successful call to [Mutex.TryLock] is equivalent to a call to Lock. A failed call to
// TryLock does not establish any “synchronizes before” relation at all.
//
// [the Go memory model]: https://go.dev/ref/mem
type Mutex struct {
	lock detect.Lock
	mu   sync.Mutex
}

// Lock locks m. If the lock is already in use, the calling goroutine blocks until the
// mutex is available.
//
// The agent notes which locks the goroutine holds before it blocks, so that an inversion
// is reported also in the run that deadlocks on it.
//
//go:norace
func (m *Mutex) Lock() {
	g, h := detect.Cached(gid.Pointer()), (*detect.HeldLock)(nil)
	if g != nil {
		if r := g.Outermost(&m.lock); r != nil {
			h = g.Scratch(r, detect.UseMutex)
			callers.MarkHere(h.Mark())
		}
	}
	if h == nil {
		if g, h = m.lock.Request(g, detect.UseMutex); h == nil {
			m.mu.Lock()
			return
		}
	}
	if !m.mu.TryLock() {
		w := g.Wait(h)
		m.mu.Lock()
		g.WaitOver(w)
	}
	g.Acquired(h)
}

// TryLock tries to lock m and reports whether it succeeded. It cannot block, so it
// establishes no lock order; a lock that it acquires is held like any other.
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

// Unlock unlocks m. It is a fatal error if m is not locked on entry to Unlock.
//
// A locked Mutex is not associated with a particular goroutine: one goroutine may lock it
// and another may unlock it. From then on the agent expects the same of what is locked at
// that place.
//
//go:norace
func (m *Mutex) Unlock() {
	if g := detect.Cached(gid.Pointer()); g == nil || !g.Release(&m.lock, detect.UseMutex) {
		m.lock.ReleaseSlow(g, detect.UseMutex)
	}
	m.mu.Unlock()
}
