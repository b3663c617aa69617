package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// handOver notes that another goroutine than the holder is about to release l, or one that
// did not acquire the read lock. From then on the lock counts as a semaphore: all recorded
// holds of it are void, and findings that rest on it are less certain.
//
// The count changes before the lock is released. A goroutine that looks at its own holds
// later finds them void; those that blocked goroutines have published are removed from the
// registry.
func handOver(l *lockRecord) {
	l.description.semaphore.Store(true)
	l.handoffs.Add(1)
	std.registry.voidHolds(l)
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
