package detect

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// In Go another goroutine than the holder may release a lock: the holder has given it away.
// That ends this hold and no other. What is learned from it is the place at which such holds
// begin: another one from there may end in the same way, so findings that rest on it are less
// certain. The lock is as any other for the goroutine that acquires it elsewhere.

// handover is a place at which a lock was acquired that another goroutine released.
type handover struct {
	// calls are the innermost calls at the acquisition. If the goroutine that released the
	// lock was started by one of them, that is the last one; else they are unstarted many.
	calls finding.Stack
	// started says that the last call has started the goroutine that released the lock.
	started bool
}

// handovers are the places of the process. The zero value has none.
type handovers struct {
	any      atomic.Bool  // there are some
	searches atomic.Int32 // for holders
	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu     sync.Mutex
	places []handover
}

const (
	// unstarted is the number of calls of a place where it is not known which of them gives the
	// lock away: the one that acquires it may be a helper that all others call.
	unstarted = 2
	// maxHandovers bounds the places. Of a lock that is given away at further ones, each hold
	// is in doubt.
	maxHandovers = 64
	// maxLockSearches bounds the searches for the holder of one lock, and maxGiverSearches that
	// of all: each one visits all goroutines. What is given away so often is mostly given away at
	// the same places.
	maxLockSearches  = 32
	maxGiverSearches = 4096
)

// handOver notes that g, which does not hold l, or did not acquire the read lock, is about to
// release it. The holds of l on record are void.
//
// The count changes before the lock is released. A goroutine that looks at its own holds
// later finds them void; those that blocked goroutines have published are removed from the
// registry.
func (g *Goroutine) handOver(l *lockRecord, mode lockorder.Mode) {
	o := l.description
	o.given.Store(true)
	l.walkAlways() // from now on it matters where each hold begins
	if !o.ownerless.Load() && !g.findGiver(l, mode) {
		o.ownerless.Store(true)
	}
	l.handoffs.Add(1)
	std.registry.voidHolds(l)
}

// findGiver notes where the lock that g is about to release was acquired, and reports whether
// that is known. Which one of several readers has given its read lock away is not.
//
//go:norace
func (g *Goroutine) findGiver(l *lockRecord, mode lockorder.Mode) (found bool) {
	g.enter()
	defer g.leave()
	std.protect(func() {
		creator, all := creatorOf(g.creator), &std.handovers
		if l.searches.Add(1) > maxLockSearches || all.searches.Add(1) > maxGiverSearches {
			found = all.startsAt(creator)
			return
		}
		holds := holdsOf(l, mode)
		found = len(holds) > 0 && all.addAll(holds, creator)
	})
	return found
}

// holdsOf returns the holds of l in the mode, also of goroutines that have ended.
func holdsOf(l *lockRecord, mode lockorder.Mode) (holds []hold) {
	is := func(h hold) bool { return h.lock == l && h.mode == mode && h.isValid() }
	for _, o := range std.states.all() {
		if !o.seemsToHold(l) {
			continue
		}
		if s, ok := o.readRunning(); ok {
			holds = append(holds, slices.DeleteFunc(s.holds, func(h hold) bool { return !is(h) })...)
		}
	}
	for _, a := range std.scanner.abandonedHolds() {
		if is(a.hold) {
			holds = append(holds, a.hold)
		}
	}
	return holds
}

// seemsToHold reports whether l is among the holds of a goroutine that may run. What it holds
// may change meanwhile; see readRunning.
//
//go:norace
func (g *Goroutine) seemsToHold(l *lockRecord) bool {
	n, table := g.n, g.table.Load()
	if table == nil {
		return false
	}
	for i := range min(n, len(table.locks)) {
		if table.locks[i].lock == l {
			return true
		}
	}
	return false
}

// addAll notes that the holds, or one of them, were ended by a goroutine that was started at
// creator. It reports false if there is no room.
func (all *handovers) addAll(holds []hold, creator finding.Frame) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	for i := range holds {
		p := newHandover(stackOf(holds[i].stack[:]), creator)
		if slices.ContainsFunc(all.places, func(o handover) bool { return slices.Equal(o.calls, p.calls) }) {
			continue
		}
		if len(all.places) >= maxHandovers {
			return false
		}
		all.places = append(all.places, p)
	}
	all.any.Store(true)
	return true
}

func newHandover(stack finding.Stack, creator finding.Frame) handover {
	at := slices.IndexFunc(stack, func(f finding.Frame) bool { return f.Func == creator.Func && f.File == creator.File })
	if at < 0 || creator.IsZero() {
		return handover{calls: stack[:min(unstarted, len(stack))]}
	}
	return handover{calls: stack[:at+1], started: true}
}

// startsAt reports whether goroutines that are started there are given locks.
func (all *handovers) startsAt(creator finding.Frame) bool {
	all.mu.Lock()
	defer all.mu.Unlock()
	return slices.ContainsFunc(all.places, func(p handover) bool { return p.started && p.starter() == creator.Func })
}

// starter is the function that starts the goroutine which releases the lock.
func (p *handover) starter() string { return p.calls[len(p.calls)-1].Func }

// at returns the place of a hold that begins with the stack, nil if none is known there.
func (all *handovers) at(pcs []uintptr) *handover {
	if !all.any.Load() {
		return nil
	}
	stack := stackOf(pcs)
	all.mu.Lock()
	defer all.mu.Unlock()
	for i := range all.places {
		if p := &all.places[i]; len(p.calls) <= len(stack) && slices.Equal(p.calls, stack[:len(p.calls)]) {
			return p // places are only added, and do not change
		}
	}
	return nil
}

// mayEndElsewhere reports whether another goroutine than the holder may end a hold of the
// object that begins with the stack.
func (o *description) mayEndElsewhere(pcs []uintptr) bool {
	return o.ownerless.Load() || std.handovers.at(pcs) != nil
}

// foreign reports that the goroutine releases a lock that it does not hold, if the options
// ask for that.
//
//go:norace
//go:noinline
func (g *Goroutine) foreign(l *lockRecord, mode lockorder.Mode) {
	if !std.sink.Options().ForeignUnlock {
		return
	}
	stack := callers.Long()
	g.enter()
	defer g.leave()
	std.protect(func() { std.sink.report(foreignFinding(g, l, mode, stackOf(stack))) })
}

func foreignFinding(g *Goroutine, l *lockRecord, mode lockorder.Mode, stack finding.Stack) finding.Finding {
	return misuse.ForeignUnlock{
		Lock: l.description.resource(), Mode: judge.ModeOf(mode), At: stack,
		By: finding.Goroutine{ID: g.identity(), Created: creatorOf(g.creator)},
	}.Finding()
}
