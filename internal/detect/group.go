package detect

import (
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// group is the agent's record of a wait group. The goroutines that Go started name
// it in their own states (see debt), so it keeps no list of them.
type Group struct {
	Subject
	Own Origin
	// anonymous is set for good by the first Add or Done that is not Go's: from then
	// on it is not known who owes what.
	Anonymous atomic.Bool
	// waiting is how many goroutines are inside a Wait that did not find zero.
	Waiting atomic.Int32
	// told is set when a round that began too early was reported.
	told atomic.Bool
	// opened is where the counter left zero last, waited where a Wait blocked last.
	opened, waited trail
	// done is what those who have called Done knew.
	Done Meeting
	// ordered is the group as a node of the order graph: see order. Nil while no
	// goroutine was started under a lock.
	Ordered atomic.Pointer[Lock]
}

func (r *Group) Belongs(addr unsafe.Pointer) bool {
	return r != nil && r.Own.addr == uintptr(addr)
}

// newGroup makes the record of the wait group at addr, at its first use by g.
//
//go:noinline
func NewGroup(slot *atomic.Pointer[Group], g *Goroutine, addr unsafe.Pointer) *Group {
	old := slot.Load()
	r := &Group{Own: Origin{kind: finding.WaitGroup, addr: uintptr(addr)}}
	callers.Take(&r.Own.first)
	r.Subject.init(g, &r.Own)
	r.Subject.group = r
	if slot.CompareAndSwap(old, r) {
		return r
	}
	return slot.Load()
}

// open notes that the counter is about to leave zero. The caller is a method of
// WaitGroup.
//
//go:noinline
func (r *Group) Open() {
	r.opened.take()
	if r.Waiting.Load() > 0 && r.told.CompareAndSwap(false, true) {
		std.misuse(r.reused)
	}
}

// enter notes that a goroutine with this stack is about to block in Wait.
func (r *Group) Enter(stack *callers.Short) {
	r.waited.store(stack)
	r.Waiting.Add(1)
}

// order returns the group as a node of the order graph. A goroutine that is started
// while its creator holds a lock is taken for one that is awaited under it: until
// it ends, it holds the group in shared mode, and Wait asks for it in exclusive
// mode. So a lock that both the goroutine needs and its awaiter holds makes a ring
// like any other, also through more locks.
//
// Only such goroutines, since each dependency that is new costs a look at the
// graph; what hangs without having been foreseen the watch sees.
func (r *Group) Order(at *callers.Short) *orderDebt {
	l := r.Ordered.Load()
	if l == nil {
		l = &Lock{id: lockorder.LockID(lastLockID.Add(1)), addr: r.Own.addr, Origin: &r.Own}
		recordMade()
		if !r.Ordered.CompareAndSwap(nil, l) {
			l = r.Ordered.Load()
		}
	}
	return &orderDebt{lock: l, stack: *at}
}

// debt is what a goroutine gets from whom it was started by, and owes at its end: to
// the wait group whose Go started it one Done, to a plain Go nothing.
type Debt struct {
	Creator uintptr // the call of Go
	Before  *stamp
	Errand  *errand
	Group   *Group
	Order   *orderDebt
}

// orderDebt is a debt that the order graph knows.
type orderDebt struct {
	lock  *Lock
	stack callers.Short // of the call of Go
}

// begin notes what the goroutine owes, and who created it.
//
//go:norace
func (g *Goroutine) begin(d Debt) {
	g.creator, g.owes = d.Creator, d.Group
	g.Acquire(d.Before)
	g.run(d.Errand)
	if d.Order != nil {
		h := g.Prepare(d.Order.lock, lockorder.Shared, false)
		h.stack = d.Order.stack
		g.Taken(h)
	}
}

// pay takes back what begin noted: the goroutine is about to call Done.
//
//go:norace
func (g *Goroutine) pay(d Debt) {
	if d.Group != nil {
		d.Group.Done.Leave(g.Release())
	}
	g.owes = nil
	if d.Order != nil && !g.Pop(d.Order.lock, lockorder.Shared) {
		g.ReleasedBelow(d.Order.lock, lockorder.Shared)
	}
}
