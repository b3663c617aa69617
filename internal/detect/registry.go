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

// wait is one blocked goroutine. All but node is constant once it is registered.
type wait struct {
	node    *waitfor.Wait
	lock    *lockRecord
	mode    lockorder.Mode
	holds   []hold
	stack   []uintptr
	creator uintptr
	since   time.Time
	// confirm is the timer of a wait for a lock that the goroutine itself holds; nil
	// also in a bubble.
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
			std.sink.report(selfDeadlockFinding(w, time.Now()))
		default:
			std.sink.report(deadlockFinding(dead, time.Now()))
		}
	})
	return w, granted
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

// add registers w and returns the deadlock that it completes. A goroutine that waits
// for itself alone is looked at again later, unless it is for a Once, which nobody
// else can end.
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
	nodes := r.graph.Add(w.node)
	if len(nodes) == 1 && w.lock.origin.kind != finding.Once {
		if !inBubble() {
			w.confirm = time.AfterFunc(std.sink.config().SelfWait, func() { r.confirmSelf(w) })
		}
		return nil, false
	}
	for _, n := range nodes {
		dead = append(dead, n.Tag.(*wait))
	}
	return dead, false
}

func (r *registry) remove(w *wait) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w.confirm != nil {
		w.confirm.Stop()
	}
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
		std.protect(func() { std.sink.report(selfDeadlockFinding(w, time.Now())) })
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
