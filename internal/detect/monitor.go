package detect

import (
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// monitor is the agent's record of a Cond.
type Monitor struct {
	Subject
	Own Origin
	// waiting is how many goroutines are inside Wait.
	waiting atomic.Int32
}

func (r *Monitor) Belongs(addr unsafe.Pointer) bool {
	return r != nil && r.Own.addr == uintptr(addr)
}

// newMonitor makes the record of the Cond at addr. Who made a Cond that NewCond did not
// make is not known: whoever waits first is as a rule somebody else.
//
//go:noinline
func NewMonitor(slot *atomic.Pointer[Monitor], addr unsafe.Pointer) *Monitor {
	old := slot.Load()
	r := &Monitor{Own: Origin{kind: finding.Cond, addr: uintptr(addr)}}
	callers.Take(&r.Own.first)
	r.Subject.init(nil, &r.Own)
	r.Subject.lost = new(trail)
	if slot.CompareAndSwap(old, r) {
		return r
	}
	return slot.Load()
}

// madeBy notes who made the Cond.
func (r *Monitor) MadeBy(g *Goroutine) { r.maker = user{g, g.identity()} }

// enter notes that the running goroutine is about to wait, leave that it has.
func (r *Monitor) Enter() {
	Current().Used(&r.Subject, Taking)
	r.waiting.Add(1)
}

func (r *Monitor) Leave() { r.waiting.Add(-1) }

// block publishes that g waits for a signal. The caller is the method that waits.
func (r *Monitor) Block(g *Goroutine) { g.Block(opCond, &r.Subject, Giving) }

// unblockCond ends the wait for a signal. Detection may have begun meanwhile.
//
//go:norace
func (g *Goroutine) UnblockCond() {
	if g.Blocked.turn.Load()%2 == 1 && g.Blocked.op == opCond {
		g.Unblock()
	}
}

// signalled notes who signals, and where if nobody waits: that signal is lost.
//
//go:noinline
func (r *Monitor) Signalled() {
	Current().Used(&r.Subject, Giving)
	if r.waiting.Load() == 0 {
		r.Subject.lost.take()
	} else if r.Subject.lost.isSet() {
		r.Subject.lost.clear()
	}
}
