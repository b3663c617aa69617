package detect

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/waitfor"
)

// registry has the goroutines that are blocked on a lock of package agent and can be part of
// a deadlock: those that hold a lock, and writers, which block new readers. A goroutine
// that waits without holding anything is not registered, so a contended lock costs nothing
// here.
//
// The holders of locks are not recorded elsewhere: in a deadlock every holder is itself
// blocked and registered, and its list of holds is exact.
type registry struct {
	// mu protects graph and the waits in it. It is a leaf: nothing else is locked under it.
	mu    sync.Mutex
	graph waitfor.Graph
	// begun is the number of the last registration of a reader that was begun; see
	// waitfor.Hold.Before. It is written under mu before the reader tries the lock
	// again, and read by readers after they have acquired theirs: a reader that reads a
	// smaller number than that of a registration had the lock before it was begun.
	begun atomic.Uint64
}

// lockWait is one registered goroutine. All but node and confirm is constant.
type lockWait struct {
	node    *waitfor.Wait
	lock    *lockRecord
	mode    lockorder.Mode
	holds   []hold
	stack   []uintptr
	creator uintptr
	since   time.Time
	// g and turn are the wait as the scanner knows it.
	g    *Goroutine
	turn uint64
	// confirm is the timer of a wait for a lock that the goroutine itself holds; nil
	// also in a bubble. The goroutine alone uses it.
	confirm *time.Timer
}

// Wait notes that the goroutine is about to block on h, and reports the deadlock that this
// completes. It returns nil if the wait needs no registration.
//
//go:norace
func (g *Goroutine) Wait(h *HeldLock) *lockWait {
	w, _ := g.WaitToRead(h, nil)
	return w
}

// WaitToRead is Wait for a request in shared mode for the lock. If granted is true, the
// goroutine has acquired the lock meanwhile and need not wait.
//
//go:norace
func (g *Goroutine) WaitToRead(h *HeldLock, lock *sync.RWMutex) (w *lockWait, granted bool) {
	g.blockLock(h)
	writer := h.lock.description.kind == finding.RWMutex && h.mode == lockorder.Exclusive
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
func (g *Goroutine) register(h *HeldLock, readers *sync.RWMutex) (w *lockWait, granted bool) {
	g.enter()
	defer g.leave()
	w = &lockWait{
		lock: h.lock, mode: h.mode, holds: g.snapshot(),
		stack: callers.Long(), creator: g.creator, since: time.Now(),
		g: g, turn: g.blocked.turn.Load(),
	}
	w.node = &waitfor.Wait{Goroutine: g.inside, Lock: uint64(w.lock.id), Mode: w.mode, Tag: w}
	std.protect(func() {
		var dead []*lockWait
		dead, granted = std.registry.add(w, readers)
		switch len(dead) {
		case 0:
		case 1:
			w.waitsForItself()
		default:
			reportHeld(dead, facts(dead, time.Now()))
		}
	})
	return w, granted
}

// waitsForItself reports that the goroutine holds what it waits for: at once if no other
// goroutine can end that, as with a Once, and otherwise if it has not ended after a while.
func (w *lockWait) waitsForItself() {
	switch {
	case w.lock.description.kind == finding.Once:
		self := []*lockWait{w}
		reportHeld(self, facts(self, time.Now()))
	case !inBubble():
		w.confirm = time.AfterFunc(std.sink.patience(), func() { std.registry.confirmSelf(w) })
	}
}

// reportHeld reports a cycle of holders, whose facts are in ring.
func reportHeld(dead []*lockWait, ring []hang.Goroutine) {
	for _, w := range dead {
		std.scanner.markHung(w.g, w.turn)
	}
	std.sink.report(hang.Held(ring))
}

// WaitOver notes that the wait is over: the goroutine has the lock.
//
//go:norace
func (g *Goroutine) WaitOver(w *lockWait) {
	g.unblock()
	if g.blocked.since != 0 {
		g.waited()
	}
	if w != nil {
		std.registry.remove(w)
	}
}

// add registers w and returns the deadlock that it completes: w alone if the goroutine waits
// for itself.
//
// A reader tries the lock once more between the publication of its number and its entry:
// only a failure in this section means that a writer is ahead of it (see package waitfor).
func (r *registry) add(w *lockWait, readers *sync.RWMutex) (dead []*lockWait, granted bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range w.holds {
		if h.handoffs == h.lock.handoffs.Load() {
			w.node.Held = append(w.node.Held, waitfor.Hold{Lock: uint64(h.lock.id), Mode: h.mode, Before: h.precedes})
		}
	}
	if readers != nil {
		r.begun.Store(r.graph.Next())
		if readers.TryRLock() {
			return nil, true
		}
	}
	for _, n := range r.graph.Add(w.node) {
		dead = append(dead, n.Tag.(*lockWait))
	}
	return dead, false
}

func (r *registry) remove(w *lockWait) {
	if w.confirm != nil {
		w.confirm.Stop()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.graph.Remove(w.node)
}

// confirmSelf reports a goroutine that still waits for a lock which it holds itself. Another
// goroutine may release the lock: that is legal Go and looks the same until it happens,
// hence the delay and the certainty below observed; the delay is longer if a goroutine may
// have been given the lock. If another goroutine has released a lock that was acquired at the
// same place, it is not reported: it may be given away each time.
func (r *registry) confirmSelf(w *lockWait) {
	r.mu.Lock()
	still := len(r.graph.Cycle(w.node)) == 1 && !w.isGiven()
	r.mu.Unlock()
	if !still {
		return
	}
	std.protect(func() {
		ring := facts([]*lockWait{w}, time.Now())
		if rest := hang.SelfPatience(&ring[0], std.sink.patience()) - ring[0].Wait.Lasted; rest > 0 {
			time.AfterFunc(rest, func() { r.confirmSelf(w) })
			return
		}
		reportHeld([]*lockWait{w}, ring)
	})
}

// isGiven reports whether the goroutine has most likely given the lock away that it waits for.
func (w *lockWait) isGiven() bool {
	return slices.ContainsFunc(w.holds, func(h hold) bool {
		return h.lock == w.lock && h.lock.description.mayEndElsewhere(h.stack[:])
	})
}

// voidHolds removes the holds of l from the entries of blocked goroutines. The entry of a
// reader is removed as a whole: it cannot be added again, since its number is the time at
// which the reader failed to acquire the lock.
func (r *registry) voidHolds(l *lockRecord) {
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
