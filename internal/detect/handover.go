package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
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
	var locks resources
	locks.of(l.origin)
	by := finding.Goroutine{ID: g.identity(), Created: creatorOf(g.creator)}
	f := wording.Foreign(by, stack, l.origin.kind, modeOf(mode))
	f.Resources = locks.list
	return f
}
