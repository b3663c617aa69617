package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// handOver notes that somebody else than its holder is about to release l, or
// that a read lock is released by a goroutine that did not take it. From here on
// the lock counts as a semaphore: every hold of it that is on record is void, and
// findings that rest on it are less certain.
//
// The count changes before the lock is really released. A holder that looks at
// its own holds later sees them void, and the registry is told of those that
// blocked goroutines have published.
func handOver(l *lockRecord) {
	l.origin.semaphore.Store(true)
	l.handoffs.Add(1)
	std.registry.void(l)
}

// foreign reports that the goroutine releases what it does not hold, to those who ask
// for it.
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
		Lock: l.origin.resource(), Mode: judge.ModeOf(mode), At: stack,
		By: finding.Goroutine{ID: g.identity(), Created: creatorOf(g.creator)},
	}.Finding()
}
