package detect

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Group is what a wait group keeps for the engine, as its first field. The zero value is
// ready.
type Group struct{ record atomic.Pointer[groupRecord] }

// groupRecord is the record of a wait group. The goroutines that Go started name
// it in their own states (see debt), so it keeps no list of them.
type groupRecord struct {
	waitable
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
	done syncPoint
	// ordered is the group as a node of the order graph: see order. Nil while no
	// goroutine was started under a lock.
	ordered atomic.Pointer[lockRecord]
}

func (r *groupRecord) belongs(w *Group) bool {
	return r != nil && r.own.addr == uintptr(unsafe.Pointer(w))
}

// known returns the record of w, and makes it at its first use, which is by g: nil if that
// is not tracked.
//
//go:norace
func (w *Group) known(g *Goroutine) *groupRecord {
	if r := w.record.Load(); r.belongs(w) {
		return r
	}
	return w.make(g)
}

//go:noinline
func (w *Group) make(g *Goroutine) *groupRecord {
	old := w.record.Load()
	r := &groupRecord{own: origin{kind: finding.WaitGroup, addr: uintptr(unsafe.Pointer(w))}}
	callers.Take(&r.own.first)
	r.waitable.init(g, &r.own)
	r.waitable.group = r
	if w.record.CompareAndSwap(old, r) {
		return r
	}
	return w.record.Load()
}

// Add says that the running goroutine is about to add delta to the counter of raw. The
// returned record is nil if it is not tracked.
//
//go:norace
//go:noinline
func (w *Group) Add(raw *sync.WaitGroup, delta int) *groupRecord {
	p := gid.Pointer()
	g := std.states.cached(p)
	if g == nil {
		if g = std.states.slow(p); g == nil {
			return nil
		}
	}
	r := w.record.Load()
	if !r.belongs(w) {
		r = w.make(g)
	}
	if !r.anonymous.Load() {
		r.anonymous.Store(true)
	}
	if delta < 0 {
		g.used(&r.waitable, Giving)
		r.done.publish(g.publish())
	} else if Count(raw) == 0 {
		r.open()
	}
	return r
}

// AddOver is deferred around what Add or Spawn announced: it reports the panic with which
// sync has answered, if done is false.
func (r *groupRecord) AddOver(raw *sync.WaitGroup, done bool) {
	if r != nil && !done {
		r.addPanicked(Count(raw))
	}
}

// Passed notes that the running goroutine found the counter at zero. It learns what those
// knew who have called Done, and the order graph what it holds: it would have waited had
// it come earlier.
//
//go:norace
func (w *Group) Passed() {
	r := w.record.Load()
	if r == nil {
		return
	}
	s, l := r.done.observe(), r.ordered.Load()
	if s == nil && l == nil {
		return
	}
	if g := current(); g != nil {
		if l != nil {
			g.dependsOn(l)
		}
		g.join(s)
	}
}

// Wait says that the running goroutine is about to wait until the counter is zero. The
// returned wait is zero if it is not tracked.
//
//go:norace
//go:noinline
func (w *Group) Wait() GroupWait {
	g := current()
	if g == nil {
		return GroupWait{}
	}
	r := w.known(g)
	g.used(&r.waitable, Taking)
	if l := r.ordered.Load(); l != nil {
		g.dependsOn(l)
	}
	g.block(opWaitGroup, &r.waitable, Giving)
	r.enter(&g.blocked.stack)
	return GroupWait{g, r}
}

// GroupWait is a goroutine that waits for a wait group.
type GroupWait struct {
	g     *Goroutine
	group *groupRecord
}

// Over ends the wait, with a panic of sync's if returned is false.
//
//go:norace
func (b GroupWait) Over(returned bool) {
	if b.g == nil {
		return
	}
	b.group.waiting.Add(-1)
	b.g.unblock()
	if returned {
		b.g.join(b.group.done.observe())
	} else {
		b.group.waitPanicked()
	}
}

// open notes that the counter is about to leave zero. The caller is a method of
// WaitGroup.
//
//go:noinline
func (r *groupRecord) open() {
	r.opened.take()
	if r.waiting.Load() > 0 && r.told.CompareAndSwap(false, true) {
		std.misuse(r.reused)
	}
}

// enter notes that a goroutine with this stack is about to block in Wait.
func (r *groupRecord) enter(stack *callers.Short) {
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
func (r *groupRecord) order(at *callers.Short) *orderDebt {
	l := r.ordered.Load()
	if l == nil {
		l = &lockRecord{id: lockorder.LockID(lastLockID.Add(1)), addr: r.own.addr, origin: &r.own}
		recordMade()
		if !r.ordered.CompareAndSwap(nil, l) {
			l = r.ordered.Load()
		}
	}
	return &orderDebt{lock: l, stack: *at}
}
