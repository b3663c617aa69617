//go:build !concdoctor_off

package agent

import (
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// monitor is the agent's record of a Cond.
type monitor struct {
	subject
	own origin
	// waiting is how many goroutines are inside Wait.
	waiting atomic.Int32
}

func (r *monitor) belongs(addr unsafe.Pointer) bool {
	return r != nil && r.own.addr == uintptr(addr)
}

// newMonitor makes the record of the Cond at addr. Who made a Cond that NewCond did not
// make is not known: whoever waits first is as a rule somebody else.
//
//go:noinline
func newMonitor(slot *atomic.Pointer[monitor], addr unsafe.Pointer) *monitor {
	old := slot.Load()
	r := &monitor{own: origin{kind: finding.Cond, addr: uintptr(addr)}}
	callers.Take(&r.own.first)
	r.subject.init(nil, &r.own)
	r.subject.lost = new(trail)
	if slot.CompareAndSwap(old, r) {
		return r
	}
	return slot.Load()
}

// madeBy notes who made the Cond.
func (r *monitor) madeBy(g *goroutine) { r.maker = user{g, g.identity()} }

// enter notes that the running goroutine is about to wait, leave that it has.
func (r *monitor) enter() {
	current().used(&r.subject, taking)
	r.waiting.Add(1)
}

func (r *monitor) leave() { r.waiting.Add(-1) }

// block publishes that g waits for a signal. The caller is the method that waits.
func (r *monitor) block(g *goroutine) { g.block(opCond, &r.subject, giving) }

// unblockCond ends the wait for a signal. Detection may have begun meanwhile.
//
//go:norace
func (g *goroutine) unblockCond() {
	if g.blocked.turn.Load()%2 == 1 && g.blocked.op == opCond {
		g.unblock()
	}
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
