//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// Cond is a [sync.Cond] that takes part in deadlock detection: who waits for a
// signal, who has signalled, and what a waiter keeps in its hands besides L. Like
// sync's it must not be copied after first use; a copy panics with the same words.
type Cond struct {
	// L is held while observing or changing the condition.
	L Locker

	ready  sync.Once // cond.L is set
	cond   sync.Cond
	record atomic.Pointer[detect.Monitor]
}

// NewCond returns a new Cond with Locker l.
func NewCond(l Locker) *Cond {
	c := &Cond{L: l}
	if g := detect.Current(); g != nil {
		detect.NewMonitor(&c.record, unsafe.Pointer(c)).MadeBy(g)
	}
	return c
}

// Wait unlocks c.L, waits for a signal, and locks c.L again.
func (c *Cond) Wait() {
	c.ready.Do(func() { c.cond.L = (*condLocker)(c) })
	r := c.monitor()
	if r == nil {
		c.cond.Wait()
		return
	}
	r.Enter()
	defer r.Leave()
	c.cond.Wait()
}

// condLocker is the Locker of the Cond inside: what it unlocks and locks is L, and
// in between the goroutine waits for the signal.
type condLocker Cond

func (c *condLocker) Unlock() {
	c.L.Unlock()
	g, r := detect.Current(), c.record.Load()
	if g != nil && r != nil {
		r.Block(g)
	}
}

func (c *condLocker) Lock() {
	if g := detect.Current(); g != nil {
		g.UnblockCond()
	}
	c.L.Lock()
}

// Signal wakes one goroutine waiting on c, if there is any.
func (c *Cond) Signal() {
	if r := c.monitor(); r != nil {
		r.Signalled()
	}
	c.cond.Signal()
}

// Broadcast wakes all goroutines waiting on c.
func (c *Cond) Broadcast() {
	if r := c.monitor(); r != nil {
		r.Signalled()
	}
	c.cond.Broadcast()
}

// monitor returns the record of c, nil where the goroutine is not to be tracked.
func (c *Cond) monitor() *detect.Monitor {
	g := detect.Current()
	if g == nil {
		return nil
	}
	if r := c.record.Load(); r.Belongs(unsafe.Pointer(c)) {
		return r
	}
	return detect.NewMonitor(&c.record, unsafe.Pointer(c))
}
