//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// Cond is a [sync.Cond] that takes part in deadlock detection: who waits for a
// signal, who has signalled, and what a waiter keeps in its hands besides L. Like
// sync's it must not be copied after first use; a copy panics with the same words.
type Cond struct {
	// L is held while observing or changing the condition.
	L Locker

	ready  sync.Once // cond.L is set
	cond   sync.Cond
	record atomic.Pointer[monitor]
}

// NewCond returns a new Cond with Locker l.
func NewCond(l Locker) *Cond {
	c := &Cond{L: l}
	if g := current(); g != nil {
		c.newMonitor().maker = user{g, g.identity()}
	}
	return c
}

// monitor is the agent's record of a Cond.
type monitor struct {
	subject
	own origin
	// waiting is how many goroutines are inside Wait.
	waiting atomic.Int32
}

// Wait unlocks c.L, waits for a signal, and locks c.L again.
func (c *Cond) Wait() {
	c.ready.Do(func() { c.cond.L = (*condLocker)(c) })
	r := c.monitor()
	if r == nil {
		c.cond.Wait()
		return
	}
	current().used(&r.subject, taking)
	r.waiting.Add(1)
	defer r.waiting.Add(-1)
	c.cond.Wait()
}

// condLocker is the Locker of the Cond inside: what it unlocks and locks is L, and
// in between the goroutine waits for the signal.
type condLocker Cond

func (c *condLocker) Unlock() {
	c.L.Unlock()
	g, r := current(), c.record.Load()
	if g != nil && r != nil {
		g.block(opCond, &r.subject, giving)
	}
}

func (c *condLocker) Lock() {
	if g := current(); g != nil {
		g.unblockCond()
	}
	c.L.Lock()
}

// unblockCond ends the wait for a signal. Detection may have begun meanwhile.
//
//go:norace
func (g *goroutine) unblockCond() {
	if g.blocked.turn.Load()%2 == 1 && g.blocked.op == opCond {
		g.unblock()
	}
}

// Signal wakes one goroutine waiting on c, if there is any.
func (c *Cond) Signal() {
	if r := c.monitor(); r != nil {
		r.signalled()
	}
	c.cond.Signal()
}

// Broadcast wakes all goroutines waiting on c.
func (c *Cond) Broadcast() {
	if r := c.monitor(); r != nil {
		r.signalled()
	}
	c.cond.Broadcast()
}

// signalled notes who signals, and where if nobody waits: that signal is lost.
//
//go:noinline
func (r *monitor) signalled() {
	current().used(&r.subject, giving)
	if r.waiting.Load() == 0 {
		r.subject.lost.take()
	} else if r.subject.lost.isSet() {
		r.subject.lost.clear()
	}
}

// monitor returns the record of c, nil where the goroutine is not to be tracked.
func (c *Cond) monitor() *monitor {
	g := current()
	if g == nil {
		return nil
	}
	if r := c.record.Load(); r != nil && r.own.addr == uintptr(unsafe.Pointer(c)) {
		return r
	}
	return c.newMonitor()
}

// newMonitor makes the record of c. Who made a Cond that NewCond did not make is not
// known: whoever waits first is as a rule somebody else.
//
//go:noinline
func (c *Cond) newMonitor() *monitor {
	old := c.record.Load()
	r := &monitor{own: origin{kind: finding.Cond, addr: uintptr(unsafe.Pointer(c))}}
	callers.Take(&r.own.first)
	r.subject.init(nil, &r.own)
	r.subject.lost = new(trail)
	if c.record.CompareAndSwap(old, r) {
		return r
	}
	return c.record.Load()
}
