//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// Cond is a [sync.Cond] that takes part in deadlock detection: who waits for a
// signal, who has signalled, and what a waiter keeps in its hands besides L. Like
// sync's it must not be copied after first use; a copy panics with the same words.
type Cond struct {
	signals detect.Cond

	// L is held while observing or changing the condition.
	L Locker

	ready sync.Once // cond.L is set
	cond  sync.Cond
}

// NewCond returns a new Cond with Locker l.
func NewCond(l Locker) *Cond {
	c := &Cond{L: l}
	c.signals.Made()
	return c
}

// Wait unlocks c.L, waits for a signal, and locks c.L again.
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
}

// Signal wakes one goroutine waiting on c, if there is any.
func (c *Cond) Signal() {
	c.signals.Signal()
	c.cond.Signal()
}

// Broadcast wakes all goroutines waiting on c.
func (c *Cond) Broadcast() {
	c.signals.Signal()
	c.cond.Broadcast()
}
