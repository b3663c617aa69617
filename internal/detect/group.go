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

// groupRecord is the record of a wait group. It has no list of the goroutines that Go
// started: their own states refer to it, see Spawned.
type groupRecord struct {
	waitable
	own description
	// anonymous is set by the first Add or Done that Go has not made: from then on it is
	// not known which goroutines have to call Done.
	anonymous atomic.Bool
	// waiting is the number of goroutines that are blocked in Wait.
	waiting atomic.Int32
	// reported is set when a reuse before the last Wait has returned was reported.
	reported atomic.Bool
	// opened is the stack that last added to a counter of zero, waited the one that last
	// blocked in Wait.
	opened, waited lastStack
	// done is published by the calls of Done.
	done syncPoint
	// ordered is the node of the wait group in the order graph, see order; nil while no
	// goroutine was started under a lock.
	ordered atomic.Pointer[lockRecord]
}

func (r *groupRecord) belongs(w *Group) bool {
	return r != nil && r.own.addr == uintptr(unsafe.Pointer(w))
}

// known returns the record of w, and makes it at the first use. g uses it, nil if that is
// not tracked.
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
	r := &groupRecord{own: description{kind: finding.WaitGroup, addr: uintptr(unsafe.Pointer(w))}}
	if callers.Fast {
		callers.Walk(&r.own.firstUse)
	} else {
		callers.Slow(&r.own.firstUse)
	}
	r.waitable.init(g, &r.own)
	r.waitable.group = r
	if w.record.CompareAndSwap(old, r) {
		return r
	}
	return w.record.Load()
}

// Add notes that the running goroutine is about to add delta to the counter of raw. The
// returned record is nil if the goroutine is not tracked.
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
		var at callers.Short
		if callers.Fast {
			var m callers.Mark // the calls of a mark will do, and a walk costs three times as much
			callers.MarkCaller(&m)
			m.Begin(&at)
		} else {
			callers.Slow(&at)
		}
		r.open(&at)
	}
	return r
}

// AddOver is to be deferred around the call that Add or Spawn announced. If done is false,
// package sync has panicked, and AddOver reports the misuse.
func (r *groupRecord) AddOver(raw *sync.WaitGroup, done bool) {
	if r != nil && !done {
		r.addPanicked(Count(raw))
	}
}

// Passed notes that the running goroutine found the counter at zero. It observes what the
// calls of Done have published. Had it come earlier, it would have waited, so the order
// graph learns what it holds.
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
	p := gid.Pointer()
	g := std.states.cached(p)
	if g == nil {
		if g = std.states.slow(p); g == nil {
			return
		}
	}
	if l != nil {
		g.dependsOn(l)
	}
	g.join(s)
}

// Wait notes that the running goroutine is about to block until the counter, which is count
// now, is zero. The returned wait is zero if the goroutine is not tracked.
//
//go:norace
//go:noinline
func (w *Group) Wait(count int32) GroupWait {
	g := current()
	if g == nil {
		return GroupWait{}
	}
	r := w.known(g)
	g.used(&r.waitable, Taking)
	if l := r.ordered.Load(); l != nil {
		g.dependsOn(l)
	}
	if g.blocked.dones = 0; counterKnown {
		g.blocked.dones = int(count)
	}
	g.block(opWaitGroup, &r.waitable, Giving)
	r.enter(&g.blocked.stack)
	return GroupWait{g, r}
}

// GroupWait is a goroutine blocked in the Wait of a wait group.
type GroupWait struct {
	g     *Goroutine
	group *groupRecord
}

// Over ends the wait. If returned is false, package sync has panicked.
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

// open notes that a goroutine with this stack is about to make the counter leave zero.
func (r *groupRecord) open(at *callers.Short) {
	r.opened.store(at)
	if r.waiting.Load() > 0 && r.reported.CompareAndSwap(false, true) {
		std.misuse(r.reused)
	}
}

// enter notes that a goroutine with this stack is about to block in Wait.
func (r *groupRecord) enter(stack *callers.Short) {
	r.waited.store(stack)
	r.waiting.Add(1)
}

// order returns the part of a started goroutine in the order graph, where the wait group is
// a node. The goroutine holds the group in shared mode until it ends, and Wait requests it
// in exclusive mode. So a lock that the waiting goroutine holds and the started one
// requests makes a cycle like any other.
//
// This is done only for goroutines that are started under a lock, since each new dependency
// costs a search of the graph. Other hangs are found when they occur.
func (r *groupRecord) order(at *callers.Short) *orderDebt {
	l := r.ordered.Load()
	if l == nil {
		l = &lockRecord{id: lockorder.LockID(lastLockID.Add(1)), addr: r.own.addr, description: &r.own}
		recordMade()
		if !r.ordered.CompareAndSwap(nil, l) {
			l = r.ordered.Load()
		}
	}
	return &orderDebt{lock: l, stack: *at}
}
