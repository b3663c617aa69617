package detect

import (
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
)

// hasHeld reports whether the goroutine holds a lock, or may have released it lately: a hold
// stays in the list until another one takes its place. Where goroutines are known by the texts
// of their stacks, what is kept of one goes with its last lock, and with it the answer.
//
//go:norace
func (g *Goroutine) hasHeld(l *lockRecord) bool {
	if !gid.Fast {
		return true
	}
	for i := range g.held {
		if g.held[i].lock == l && l != nil {
			return true
		}
	}
	return false
}

// signalPlaces are the places of signals without the lock that were reported: a program may
// have one cond a request. Two that share an entry are reported in turn.
type signalPlaces [64]atomic.Uintptr

// isNew reports whether the place was not the last one of its entry.
func (s *signalPlaces) isNew(place uintptr) bool {
	entry := &s[uint64(place)*0x9e3779b97f4a7c15>>58]
	return entry.Swap(place) != place
}

// unlockedSignal reports that the goroutine signals without the lock of the cond, for which
// another has waited.
//
//go:noinline
func (r *condRecord) unlockedSignal(g *Goroutine) {
	var at lastStack
	at.capture()
	if !std.signals.isNew(at[0].Load() ^ at[1].Load()<<1) {
		return
	}
	std.misuse(func(at finding.Stack) finding.Finding {
		return misuse.UnlockedSignal{
			Cond: r.own.resource(), At: at, Waits: r.waits.stack(),
			By: finding.Goroutine{ID: g.identity(), Created: creatorOf(g.creator)},
		}.Finding()
	})
}
