//go:build !concdoctor_off

package agent

import (
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// group is the agent's record of a wait group. The goroutines that Go started name
// it in their own states (see debt), so it keeps no list of them.
type group struct {
	subject
	own origin
	// anonymous is set for good by the first Add or Done that is not Go's: from then
	// on it is not known who owes what.
	anonymous atomic.Bool
	// waiting is how many goroutines are inside a Wait that did not find zero.
	waiting atomic.Int32
	// told is set when a round that began too early was reported.
	told atomic.Bool
	// opened is where the counter left zero last, waited where a Wait blocked last.
	opened, waited trail
	// done is what those who have called Done knew.
	done meeting
	// ordered is the group as a node of the order graph: see order. Nil while no
	// goroutine was started under a lock.
	ordered atomic.Pointer[lock]
}

func (r *group) belongs(addr unsafe.Pointer) bool {
	return r != nil && r.own.addr == uintptr(addr)
}

// newGroup makes the record of the wait group at addr, at its first use by g.
//
//go:noinline
func newGroup(slot *atomic.Pointer[group], g *goroutine, addr unsafe.Pointer) *group {
	old := slot.Load()
	r := &group{own: origin{kind: finding.WaitGroup, addr: uintptr(addr)}}
	callers.Take(&r.own.first)
	r.subject.init(g, &r.own)
	r.subject.group = r
	if slot.CompareAndSwap(old, r) {
		return r
	}
	return slot.Load()
}

// open notes that the counter is about to leave zero. The caller is a method of
// WaitGroup.
//
//go:noinline
func (r *group) open() {
	r.opened.take()
	if r.waiting.Load() > 0 && r.told.CompareAndSwap(false, true) {
		std.misuse(r.reused)
	}
}

// enter notes that a goroutine with this stack is about to block in Wait.
func (r *group) enter(stack *callers.Short) {
	r.waited.store(stack)
	r.waiting.Add(1)
}

// order returns the group as a node of the order graph. A goroutine that is started
// while its creator holds a lock is taken for one that is awaited under it: until
// it ends, it holds the group in shared mode, and Wait asks for it in exclusive
// mode. So a lock that both the goroutine needs and its awaiter holds makes a ring
// like any other, also through more locks.
//
// Only such goroutines, since each dependency that is new costs a look at the
// graph; what hangs without having been foreseen the watch sees.
func (r *group) order(at *callers.Short) *orderDebt {
	l := r.ordered.Load()
	if l == nil {
		l = &lock{id: lockorder.LockID(lastLockID.Add(1)), addr: r.own.addr, origin: &r.own}
		recordMade()
		if !r.ordered.CompareAndSwap(nil, l) {
			l = r.ordered.Load()
		}
	}
	return &orderDebt{lock: l, stack: *at}
}

// debt is what a goroutine gets from whom it was started by, and owes at its end: to
// the wait group whose Go started it one Done, to a plain Go nothing.
type debt struct {
	creator uintptr // the call of Go
	before  *stamp
	errand  *errand
	group   *group
	order   *orderDebt
}

// orderDebt is a debt that the order graph knows.
type orderDebt struct {
	lock  *lock
	stack callers.Short // of the call of Go
}

// begin notes what the goroutine owes, and who created it.
//
//go:norace
func (g *goroutine) begin(d debt) {
	g.creator, g.owes = d.creator, d.group
	g.acquire(d.before)
	g.run(d.errand)
	if d.order != nil {
		h := g.prepare(d.order.lock, lockorder.Shared, false)
		h.stack = d.order.stack
		g.taken(h)
	}
}

// pay takes back what begin noted: the goroutine is about to call Done.
//
//go:norace
func (g *goroutine) pay(d debt) {
	if d.group != nil {
		d.group.done.leave(g.release())
	}
	g.owes = nil
	if d.order != nil && !g.pop(d.order.lock, lockorder.Shared) {
		g.releasedBelow(d.order.lock, lockorder.Shared)
	}
}
