package detect

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/waitfor"
)

// registry knows the goroutines that are blocked on a lock of ours and can be
// part of a deadlock: those that hold a lock, and writers, who keep readers out.
// Whoever waits with empty hands is not registered, so that a contended lock
// costs nothing here.
//
// Nobody records who holds a lock that nobody in a cycle waits for: in a deadlock
// every holder is itself blocked, hence registered, and its list of holds is exact.
type registry struct {
	// mu protects graph and the waits in it. It is a leaf: nothing else is locked under it.
	mu    sync.Mutex
	graph waitfor.Graph
	// begun is the number of the last registration of a reader that was begun; see
	// waitfor.Hold.Before. It is written under mu before the reader tries the lock
	// again, and read by readers after they were granted theirs: whoever reads a
	// smaller number than a registration's had the lock before it was begun.
	begun atomic.Uint64
}

// wait is one blocked goroutine. All but node and confirm is constant once it is registered.
type wait struct {
	node    *waitfor.Wait
	lock    *lockRecord
	mode    lockorder.Mode
	holds   []hold
	stack   []uintptr
	creator uintptr
	since   time.Time
	// confirm is the timer of a wait for a lock that the goroutine itself holds; nil
	// also in a bubble. The goroutine alone uses it.
	confirm *time.Timer
}

// Wait registers that the goroutine is about to block on h, and reports the deadlock
// that this completes. It returns nil where the wait needs no entry.
//
//go:norace
func (g *Goroutine) Wait(h *hold) *wait {
	w, _ := g.WaitToRead(h, nil)
	return w
}

// WaitToRead is Wait for a request in shared mode for the lock: granted says that it was
// to be had after all and the goroutine need not wait.
//
//go:norace
func (g *Goroutine) WaitToRead(h *hold, lock *sync.RWMutex) (w *wait, granted bool) {
	g.blockLock(h)
	writer := h.lock.origin.kind == finding.RWMutex && h.mode == lockorder.Exclusive
	if g.n == 0 && !writer {
		return nil, false
	}
	if w, granted = g.register(h, lock); granted {
		g.unblock()
	}
	return w, granted
}

//go:norace
//go:noinline
func (g *Goroutine) register(h *hold, readers *sync.RWMutex) (w *wait, granted bool) {
	g.enter()
	defer g.leave()
	w = &wait{
		lock: h.lock, mode: h.mode, holds: g.snapshot(),
		stack: callers.Long(), creator: g.creator, since: time.Now(),
	}
	w.node = &waitfor.Wait{Goroutine: g.inside, Lock: uint64(w.lock.id), Mode: w.mode, Tag: w}
	std.protect(func() {
		var dead []*wait
		dead, granted = std.registry.add(w, readers)
		switch len(dead) {
		case 0:
		case 1:
			w.waitsForItself()
		default:
			std.sink.report(heldFinding(dead, time.Now()))
		}
	})
	return w, granted
}

// waitsForItself reports that the goroutine holds what it waits for itself: at once where
// nobody else can end that, as with a Once, and else if it has not ended after a while.
func (w *wait) waitsForItself() {
	switch {
	case w.lock.origin.kind == finding.Once:
		std.sink.report(heldFinding([]*wait{w}, time.Now()))
	case !inBubble():
		w.confirm = time.AfterFunc(std.sink.patience(), func() { std.registry.confirmSelf(w) })
	}
}

// WaitOver ends the wait: the goroutine has the lock.
//
//go:norace
func (g *Goroutine) WaitOver(w *wait) {
	g.unblock()
	if g.blocked.since != 0 {
		g.waited()
	}
	if w != nil {
		std.registry.remove(w)
	}
}

// add registers w and returns the deadlock that it completes, w alone if the goroutine
// waits for itself.
//
// A reader tries once more between the publication of its number and its entry:
// only a refusal inside this section tells that a writer is in front of it (see
// package waitfor).
func (r *registry) add(w *wait, readers *sync.RWMutex) (dead []*wait, granted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range w.holds {
		if h.handoffs == h.lock.handoffs.Load() {
			w.node.Held = append(w.node.Held, waitfor.Hold{Lock: uint64(h.lock.id), Mode: h.mode, Before: h.vouch})
		}
	}
	if readers != nil {
		r.begun.Store(r.graph.Next())
		if readers.TryRLock() {
			return nil, true
		}
	}
	for _, n := range r.graph.Add(w.node) {
		dead = append(dead, n.Tag.(*wait))
	}
	return dead, false
}

func (r *registry) remove(w *wait) {
	if w.confirm != nil {
		w.confirm.Stop()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.graph.Remove(w.node)
}

// confirmSelf reports a goroutine that still waits for a lock which it holds
// itself. Another goroutine may release it, that is legal Go and looks the same
// until it happens, hence the delay and the certainty below observed; a lock that
// was released so before is used as a semaphore, and its waits are its business.
func (r *registry) confirmSelf(w *wait) {
	r.mu.Lock()
	still := len(r.graph.Cycle(w.node)) == 1 && !w.lock.origin.semaphore.Load()
	r.mu.Unlock()
	if still {
		std.protect(func() { std.sink.report(heldFinding([]*wait{w}, time.Now())) })
	}
}

// void removes the holds of l that blocked goroutines have published. A reader's
// entry goes altogether: its number must not change, since it dates its refusal.
func (r *registry) void(l *lockRecord) {
	r.mu.Lock()
	defer r.mu.Unlock()
	isVoid := func(h waitfor.Hold) bool { return h.Lock == uint64(l.id) }
	for node := range r.graph.Waits() {
		if !slices.ContainsFunc(node.Held, isVoid) {
			continue
		}
		r.graph.Remove(node)
		if node.Mode == lockorder.Exclusive {
			node.Held = slices.DeleteFunc(node.Held, isVoid)
			r.graph.Add(node) // fewer holds complete no deadlock
		}
	}
}
