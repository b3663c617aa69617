//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// WaitGroup is a [sync.WaitGroup] that takes part in deadlock detection. The zero
// value is ready; like sync's it must not be copied after first use, and misuse
// panics with the same words, after both places were reported.
//
// A goroutine that [WaitGroup.Go] starts owes the Done of its end, so who waits for
// it is exact. Who will call Done after an Add is anybody's guess: use Go.
type WaitGroup struct {
	group detect.Group
	wg    sync.WaitGroup
}

// Add adds delta, which may be negative, to the counter. It panics if the counter
// becomes negative.
func (w *WaitGroup) Add(delta int) {
	counted, added := w.group.Add(&w.wg, delta), false
	defer func() { counted.AddOver(&w.wg, added) }()
	w.wg.Add(delta)
	added = true
}

// Done takes one from the counter.
func (w *WaitGroup) Done() { w.Add(-1) }

// Wait waits until the counter is zero.
func (w *WaitGroup) Wait() {
	if detect.Count(&w.wg) == 0 {
		w.wg.Wait()
		w.group.Passed()
		return
	}
	w.waitSlow()
}

//go:noinline
func (w *WaitGroup) waitSlow() {
	wait, returned := w.group.Wait(), false
	defer func() { wait.Over(returned) }()
	w.wg.Wait()
	returned = true
}

// Go calls f in a new goroutine that counts until f has returned. f must not panic.
//
//go:noinline
func (w *WaitGroup) Go(f func()) {
	spawned, added := w.group.Spawn(&w.wg), false
	defer func() { spawned.AddOver(&w.wg, added) }()
	w.wg.Go(func() { spawned.Run(f) })
	added = true
}
