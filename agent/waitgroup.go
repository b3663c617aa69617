//go:build !concdoctor_off

package agent

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// WaitGroup is a [sync.WaitGroup] that takes part in deadlock detection. The zero value is
// ready to use. A WaitGroup must not be copied after first use. Misuse panics with the
// words of sync, after the agent has reported both places that take part in it.
//
// The agent knows exactly which goroutines [WaitGroup.Go] has started and are still to
// finish. Which goroutine will call Done after an Add it does not know, so prefer Go.
//
// The guarantees of [the Go memory model] are those of sync: a call to [WaitGroup.Done]
// “synchronizes before” the return of any Wait call that it unblocks, and so does the
// return of a function that Go has started.
//
// [the Go memory model]: https://go.dev/ref/mem
type WaitGroup struct {
	group detect.Group
	wg    sync.WaitGroup
}

// Add adds delta, which may be negative, to the counter. If the counter becomes zero, all
// goroutines blocked on Wait are released. If the counter goes negative, Add panics. Calls
// with a positive delta that occur when the counter is zero must happen before a Wait.
func (w *WaitGroup) Add(delta int) {
	counted, added := w.group.Add(&w.wg, delta), false
	defer func() { counted.AddOver(&w.wg, added) }()
	w.wg.Add(delta)
	added = true
}

// Done decrements the counter by one.
func (w *WaitGroup) Done() { w.Add(-1) }

// Wait blocks until the counter is zero.
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
	wait, returned := w.group.Wait(detect.Count(&w.wg)), false
	defer func() { wait.Over(returned) }()
	w.wg.Wait()
	returned = true
}

// Go calls f in a new goroutine and adds that goroutine to the counter. When f returns,
// the goroutine is removed from the counter. The function f must not panic.
//
//go:noinline
func (w *WaitGroup) Go(f func()) {
	spawned, added := w.group.Spawn(&w.wg), false
	defer func() { spawned.AddOver(&w.wg, added) }()
	w.wg.Go(func() { spawned.Run(f) })
	added = true
}
