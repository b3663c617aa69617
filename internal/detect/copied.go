package detect

import (
	"sync"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
)

// copies gives locks that were copied records of their own, at their first use.
//
// A copy of an unlocked lock is another lock, and nothing is said of it: that is what
// a value receiver or a growing slice makes. A copy of a locked one is locked too, and
// whoever unlocks the original does not unlock the copy.
type copies struct {
	// mu protects the records of copies until they have their own. Whoever uses a lock
	// takes care of that first, so a copy that is locked then was made of a locked
	// lock. It is a leaf: nothing else is waited for under it.
	mu sync.Mutex
}

// adopt makes the record of l, which has the record of another lock.
//
//go:noinline
func (c *copies) adopt(l *Lock, use Use) *lockRecord {
	c.mu.Lock()
	old := l.record.Load()
	if !old.isForeign(l) { // somebody else was first
		c.mu.Unlock()
		if old != nil {
			return old
		}
		return l.make(use)
	}
	locked := !l.tryLock(use)
	r := newLockRecord(l, use)
	callers.Take(&r.origin.first)
	r = l.publish(old, r)
	c.mu.Unlock()
	if locked {
		reportCopied(old, r)
	}
	return r
}

//go:noinline
func reportCopied(old, l *lockRecord) {
	g := current()
	if g == nil {
		return
	}
	g.enter()
	defer g.leave()
	stack := callers.Long()
	std.protect(func() { std.sink.report(copiedFinding(g, old, l, stackOf(stack))) })
}

func copiedFinding(g *Goroutine, old, l *lockRecord, stack finding.Stack) finding.Finding {
	use := misuse.CopyUse{
		Copy: l.origin.resource(), Original: old.origin.resource(),
		By: finding.Goroutine{ID: g.identity(), Created: creatorOf(g.creator)}, At: stack,
	}
	for _, h := range g.snapshot() {
		if h.lock == old && h.holdsStill() {
			use.By.Holds = append(use.By.Holds, finding.Hold{Resource: 1, Mode: judge.ModeOf(h.mode), Stack: stackOf(h.stack[:])})
		}
	}
	return use.Finding()
}
