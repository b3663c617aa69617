package detect

import (
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// Cond is what a Cond keeps for the engine, as its first field. The zero value is ready.
type Cond struct{ record atomic.Pointer[condRecord] }

// condRecord is the record of a Cond.
type condRecord struct {
	waitable
	own description
	// waiting is the number of goroutines inside Wait.
	waiting atomic.Int32
	// waits is where a goroutine has waited first.
	waits lastStack
}

// Made notes that the running goroutine has made c. It is not known which goroutine made a
// Cond without NewCond; the one that uses it first is usually another.
func (c *Cond) Made() {
	if g := current(); g != nil {
		c.make().maker = user{g, g.identity()}
	}
}

// known returns the record of c, and makes it at its first use.
func (c *Cond) known() *condRecord {
	if r := c.record.Load(); r != nil && r.own.addr == uintptr(unsafe.Pointer(c)) {
		return r
	}
	return c.make()
}

//go:noinline
func (c *Cond) make() *condRecord {
	old := c.record.Load()
	r := &condRecord{own: description{kind: finding.Cond, addr: uintptr(unsafe.Pointer(c))}}
	if callers.Fast {
		callers.Walk(&r.own.firstUse)
	} else {
		callers.Slow(&r.own.firstUse)
	}
	r.waitable.init(nil, &r.own)
	r.waitable.lost = new(lastStack)
	if c.record.CompareAndSwap(old, r) {
		return r
	}
	return c.record.Load()
}

// Wait notes that the running goroutine is about to wait for a signal. The returned record
// is nil if the goroutine is not tracked.
//
//go:noinline
func (c *Cond) Wait() *condRecord {
	g := current()
	if g == nil {
		return nil
	}
	r := c.known()
	g.used(&r.waitable, Taking)
	r.waiting.Add(1)
	if !r.waits.isSet() {
		r.waits.capture()
	}
	return r
}

// Over notes that the goroutine does not wait any more.
func (r *condRecord) Over() {
	if r != nil {
		r.waiting.Add(-1)
	}
}

// Block publishes that the running goroutine is blocked: it has released the Locker.
//
//go:noinline
func (c *Cond) Block() {
	g, r := current(), c.record.Load()
	if g != nil && r != nil {
		g.block(opCond, &r.waitable, Giving)
	}
}

// Unblock ends what Block published, unless detection began meanwhile.
//
//go:norace
func (c *Cond) Unblock() {
	if g := current(); g != nil && g.blocked.turn.Load()%2 == 1 && g.blocked.op == opCond {
		g.unblock()
	}
}

// Relocked notes that the running goroutine has acquired the lock of the Cond again. The
// functions that did so are about to return with it, and a mark of the stack would be lost.
//
//go:norace
func (c *Cond) Relocked() {
	if g := current(); g != nil {
		g.settleAll()
	}
}

// Signal notes that the running goroutine signals; lock is that of the Cond, nil if it is not
// known. If no goroutine waits, the signal is lost, and Signal keeps its stack.
//
//go:noinline
func (c *Cond) Signal(lock *Lock) {
	g := current()
	if g == nil {
		return
	}
	r := c.known()
	g.used(&r.waitable, Giving)
	if r.waiting.Load() == 0 {
		r.waitable.lost.capture()
	} else if r.waitable.lost.isSet() {
		r.waitable.lost.clear()
	}
	if lock != nil && r.waits.isSet() && !g.hasHeld(lock.record.Load()) {
		r.unlockedSignal(g)
	}
}
