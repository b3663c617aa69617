//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// WaitGroup is a [sync.WaitGroup] that takes part in deadlock detection. The zero
// value is ready; like sync's it must not be copied after first use, and misuse
// panics with the same words, after both places were reported.
//
// A goroutine that [WaitGroup.Go] starts owes the Done of its end, so who waits for
// it is exact. Who will call Done after an Add is anybody's guess: use Go.
type WaitGroup struct {
	wg     sync.WaitGroup
	record atomic.Pointer[detect.Group]
}

// Add adds delta, which may be negative, to the counter. It panics if the counter
// becomes negative.
//
//go:norace
func (w *WaitGroup) Add(delta int) {
	p := gid.Pointer()
	g := detect.Cached(p)
	if g == nil {
		g = detect.Slow(p)
	}
	if g == nil {
		w.wg.Add(delta)
		return
	}
	r := w.record.Load()
	if !r.Belongs(unsafe.Pointer(w)) {
		r = detect.NewGroup(&w.record, g, unsafe.Pointer(w))
	}
	if !r.Anonymous.Load() {
		r.Anonymous.Store(true)
	}
	if delta < 0 {
		g.Used(&r.Subject, detect.Giving)
		r.Done.Leave(g.Release())
	} else if w.counter() == 0 {
		r.Open()
	}
	added := false
	defer func() {
		if !added {
			r.AddPanicked(w.counter())
		}
	}()
	w.wg.Add(delta)
	added = true
}

// Done takes one from the counter.
func (w *WaitGroup) Done() { w.Add(-1) }

// Wait waits until the counter is zero.
//
//go:norace
func (w *WaitGroup) Wait() {
	if w.counter() == 0 {
		w.wg.Wait()
		w.learn()
		return
	}
	w.waitSlow()
}

// learn tells the goroutine what those knew who have called Done, and the order graph
// what the goroutine holds: it would have waited had it come earlier.
//
//go:norace
func (w *WaitGroup) learn() {
	r := w.record.Load()
	if r == nil {
		return
	}
	s, l := r.Done.All(), r.Ordered.Load()
	if s == nil && l == nil {
		return
	}
	if g := detect.Current(); g != nil {
		if l != nil && g.N > 0 {
			g.Prepare(l, lockorder.Exclusive, true)
		}
		g.Awaited(s)
	}
}

//go:norace
//go:noinline
func (w *WaitGroup) waitSlow() {
	g := detect.Current()
	if g == nil {
		w.wg.Wait()
		return
	}
	r := w.record.Load()
	if !r.Belongs(unsafe.Pointer(w)) {
		r = detect.NewGroup(&w.record, g, unsafe.Pointer(w))
	}
	g.Used(&r.Subject, detect.Taking)
	if l := r.Ordered.Load(); l != nil && g.N > 0 {
		g.Prepare(l, lockorder.Exclusive, true)
	}
	g.Block(detect.OpWaitGroup, &r.Subject, detect.Giving)
	r.Enter(&g.Blocked.Stack)
	returned := false
	defer func() {
		r.Waiting.Add(-1)
		g.Unblock()
		if !returned {
			r.WaitPanicked()
		}
	}()
	w.wg.Wait()
	returned = true
	g.Awaited(r.Done.All())
}

// Go calls f in a new goroutine that counts until f has returned. f must not panic.
//
//go:norace
func (w *WaitGroup) Go(f func()) {
	g := detect.Current()
	if g == nil {
		w.wg.Go(f)
		return
	}
	r := w.record.Load()
	if !r.Belongs(unsafe.Pointer(w)) {
		r = detect.NewGroup(&w.record, g, unsafe.Pointer(w))
	}
	var at callers.Short
	callers.Take(&at)
	d := detect.Debt{Creator: at[0], Before: g.Release(), Group: r}
	if w.counter() == 0 {
		r.Open()
	}
	if g.N > 0 {
		d.Order = r.Order(&at)
	}
	added := false
	defer func() {
		if !added {
			r.AddPanicked(w.counter())
		}
	}()
	w.wg.Go(func() { detect.RunAs(d, f) })
	added = true
}

// counterAt is where a sync.WaitGroup keeps its counter, and counterKnown whether
// it was found. Both are constant. Reading the counter says that a Wait need not
// wait, and which of its rules a panic is about; nothing else rests on it.
var counterAt, counterKnown = findCounter()

// findCounter looks for the one word that shows what was added.
func findCounter() (at uintptr, known bool) {
	const pattern = 0x2a4b6c
	var wg sync.WaitGroup
	wg.Add(pattern)
	defer wg.Add(-pattern)
	for i := uintptr(0); i+4 <= unsafe.Sizeof(wg); i += 4 {
		if *(*int32)(unsafe.Add(unsafe.Pointer(&wg), i)) == pattern {
			if known {
				return 0, false
			}
			at, known = i, true
		}
	}
	return at, known
}

// counter returns the counter as it is now, 1 if it cannot be read. It is a plain
// read: an atomic one would tell the race detector of an order that is none.
//
//go:norace
func (w *WaitGroup) counter() int32 {
	if !counterKnown {
		return 1
	}
	return *(*int32)(unsafe.Add(unsafe.Pointer(&w.wg), counterAt))
}
