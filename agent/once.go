//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
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
	record atomic.Pointer[detect.Lock]
	done   detect.Meeting // what the goroutine that ran the function knew
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
	if l, g := o.record.Load(), detect.Current(); l != nil && g != nil && l.IsOuter() {
		o.done.Leave(g.Release())
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
	g := detect.Current()
	if g == nil {
		return
	}
	if g.N > 0 {
		g.Prepare(o.recordOf(), lockorder.Exclusive, true)
	}
	g.Acquire(o.done.All())
}

func (o *Once) place() detect.Place {
	return detect.Place{Slot: &o.record, Addr: unsafe.Pointer(o), Kind: finding.Once}
}

//go:norace
func (o *Once) recordOf() *detect.Lock {
	l := o.record.Load()
	if !l.Belongs(unsafe.Pointer(o)) {
		l = o.place().Make()
	}
	return l
}

//go:norace
func (o *Once) lock() {
	g := detect.Current()
	if g == nil {
		o.mu.Lock()
		return
	}
	h := g.Prepare(o.recordOf(), lockorder.Exclusive, true)
	if !o.mu.TryLock() {
		w, _ := g.StartWait(h, nil)
		o.mu.Lock()
		g.EndWait(w)
	}
	g.Taken(h)
}

//go:norace
func (o *Once) unlock() {
	if l := o.record.Load(); l != nil {
		if g := detect.Current(); g != nil && !g.Pop(l, lockorder.Exclusive) {
			g.ReleasedBelow(l, lockorder.Exclusive)
		}
	}
	o.mu.Unlock()
}
