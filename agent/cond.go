//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// Cond is a [sync.Cond] that takes part in deadlock detection: the agent knows which
// goroutines wait for a signal and what they hold besides L, and which have signalled.
// A Cond must not be copied after first use; a copy panics with the words of sync.
//
// The guarantees of [the Go memory model] are those of sync: a call to [Cond.Broadcast] or
// [Cond.Signal] “synchronizes before” any Wait call that it unblocks.
//
// [the Go memory model]: https://go.dev/ref/mem
type Cond struct {
	signals detect.Cond

	// L is held while observing or changing the condition.
	L Locker

	ready sync.Once // cond.L is set
	cond  sync.Cond
}

// NewCond returns a new Cond with [Locker] l.
func NewCond(l Locker) *Cond {
	c := &Cond{L: l}
	c.signals.Made()
	return c
}

// Wait atomically unlocks c.L and suspends the calling goroutine. After it resumes, Wait
// locks c.L before it returns. As c.L is not locked while Wait waits, the caller must
// check its condition again, in a loop.
func (c *Cond) Wait() {
	c.ready.Do(func() { c.cond.L = (*condLocker)(c) })
	defer c.signals.Wait().Over()
	c.cond.Wait()
}

// condLocker is the Locker of the Cond inside: what it unlocks and locks is L, and
// in between the goroutine waits for the signal.
type condLocker Cond

func (c *condLocker) Unlock() {
	c.L.Unlock()
	c.signals.Block()
}

func (c *condLocker) Lock() {
	c.signals.Unblock()
	c.L.Lock()
	c.signals.Relocked()
}

// Signal wakes one goroutine that waits on c, if there is any.
func (c *Cond) Signal() {
	c.signals.Signal(c.lock())
	c.cond.Signal()
}

// Broadcast wakes all goroutines that wait on c.
func (c *Cond) Broadcast() {
	c.signals.Signal(c.lock())
	c.cond.Broadcast()
}

// lock returns what the engine keeps with L, nil if L is of a type of the program's own.
func (c *Cond) lock() *detect.Lock {
	switch l := c.L.(type) {
	case *Mutex:
		return &l.lock
	case *RWMutex:
		return &l.lock
	case *rlocker:
		return &l.lock
	}
	return nil
}
