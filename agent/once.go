//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// Once is a [sync.Once] that takes part in deadlock detection. The zero value is ready to
// use. A Once must not be copied after first use.
//
// While its function runs, a Once acts as a lock that the running goroutine holds: every
// other goroutine that calls Do waits for it. A function that calls Do of its own Once
// waits for itself for ever, which the agent reports at once.
//
// The guarantee of [the Go memory model] is that of sync: the return from the function
// “synchronizes before” the return from any call of [Once.Do].
//
// [the Go memory model]: https://go.dev/ref/mem
type Once struct {
	lock  detect.Once
	state atomic.Uint32 // one of the once constants
	mu    sync.Mutex
}

// The states of a Once.
const (
	onceOpen uint32 = iota
	// onceDone is set when the function has returned and asked for no lock.
	onceDone
	// onceNested is set when it has returned and requested locks: callers that hold
	// one could have met it the other way round, so their orders are noted still.
	onceNested
)

// Do calls f if and only if Do is called for the first time for this Once. No call to Do
// returns until the one call to f has returned. If f panics, Do considers it to have
// returned.
func (o *Once) Do(f func()) {
	if o.state.Load() != onceDone {
		o.doSlow(f)
	}
}

//go:noinline
func (o *Once) doSlow(f func()) {
	if o.state.Load() == onceNested {
		o.lock.Passed()
		return
	}
	o.begin()
	defer o.end()
	if o.state.Load() == onceOpen {
		defer o.finish()
		f()
	}
}

// finish ends the time in which the Once can be waited for.
func (o *Once) finish() {
	if o.lock.Returned() {
		o.state.Store(onceNested)
	} else {
		o.state.Store(onceDone)
	}
}

//go:norace
func (o *Once) begin() {
	g, h := o.lock.Request(detect.Cached(gid.Pointer()), detect.UseOnce)
	if h == nil {
		o.mu.Lock()
		return
	}
	if !o.mu.TryLock() {
		w := g.Wait(h)
		o.mu.Lock()
		g.WaitOver(w)
	}
	g.Acquired(h)
}

func (o *Once) end() {
	o.lock.Release()
	o.mu.Unlock()
}
