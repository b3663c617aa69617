//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Once is a [sync.Once] that takes part in deadlock detection. The zero value is
// ready; like sync's it must not be copied after first use.
//
// While its function runs, a Once is a lock in the hands of the goroutine that
// runs it: whoever else calls Do waits for that goroutine. A function that calls Do
// of its own Once waits for itself for ever, which is observed at once, since
// nobody else can end it.
type Once struct {
	state  atomic.Uint32 // one of the once constants
	mu     sync.Mutex
	record atomic.Pointer[lock]
	done   meeting // what the goroutine that ran the function knew
}

// The states of a Once.
const (
	onceOpen uint32 = iota
	// onceDone is set when the function has returned and asked for no lock.
	onceDone
	// onceNested is set when it has returned and asked for locks: callers who hold
	// one could have met it the other way round, so their orders are noted still.
	onceNested
)

// Do calls f if Do was not called before for this Once; it returns after f has.
// A panic of f counts as a return.
func (o *Once) Do(f func()) {
	if o.state.Load() != onceDone {
		o.doSlow(f)
	}
}

//go:noinline
func (o *Once) doSlow(f func()) {
	if o.state.Load() == onceNested {
		o.noteOrder()
		return
	}
	o.lock()
	defer o.unlock()
	if o.state.Load() == onceOpen {
		defer o.finish()
		f()
	}
}

// finish ends the time in which the Once can be waited for.
func (o *Once) finish() {
	if l, g := o.record.Load(), current(); l != nil && g != nil && std.order.isOuter(l) {
		o.done.leave(g.release())
		o.state.Store(onceNested)
		return
	}
	o.state.Store(onceDone)
}

// noteOrder notes that a goroutine with locks in its hands calls Do of a Once whose
// function asked for locks. It would have waited had it come earlier.
//
//go:norace
func (o *Once) noteOrder() {
	g := current()
	if g == nil {
		return
	}
	if g.n > 0 {
		g.prepare(o.recordOf(), lockorder.Exclusive, true)
	}
	g.acquire(o.done.all())
}

func (o *Once) place() place {
	return place{&o.record, unsafe.Pointer(o), finding.Once, nil}
}

//go:norace
func (o *Once) recordOf() *lock {
	l := o.record.Load()
	if !l.belongs(unsafe.Pointer(o)) {
		l = o.place().make()
	}
	return l
}

//go:norace
func (o *Once) lock() {
	g := current()
	if g == nil {
		o.mu.Lock()
		return
	}
	h := g.prepare(o.recordOf(), lockorder.Exclusive, true)
	if !o.mu.TryLock() {
		w, _ := g.startWait(h, nil)
		o.mu.Lock()
		g.endWait(w)
	}
	g.taken(h)
}

//go:norace
func (o *Once) unlock() {
	if l := o.record.Load(); l != nil {
		if g := current(); g != nil && !g.pop(l, lockorder.Exclusive) {
			g.releasedBelow(l, lockorder.Exclusive)
		}
	}
	o.mu.Unlock()
}
