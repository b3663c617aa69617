package detect

import (
	"fmt"
	"sync"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
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
	var locks resources
	locks.of(l.origin)
	f := finding.Finding{
		Rule: finding.RuleLockCopied, Certainty: finding.Observed, Severity: finding.Error,
		Title: fmt.Sprintf("%s uses the copy of a locked %s", stack.Site(), l.origin.kind),
		Detail: "A was copied from B, with all the struct that it is in, while B was locked. It has been locked ever since: " +
			"whoever unlocks B does not unlock A, and neither keeps out who holds the other.",
		Places: []finding.Place{{Role: "uses the copy A for the first time", Stack: stack}},
		Fix:    wording.CopiedFix,
	}
	who := finding.Goroutine{ID: g.identity(), Created: creatorOf(g.creator)}
	original := locks.of(old.origin)
	for _, h := range g.snapshot() {
		if h.lock == old && h.holdsStill() {
			who.Holds = append(who.Holds, finding.Hold{Resource: original, Mode: modeOf(h.mode), Stack: stackOf(h.stack[:])})
		}
	}
	f.Goroutines = []finding.Goroutine{who}
	f.Resources = locks.list
	return f
}
