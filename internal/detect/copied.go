package detect

import (
	"sync"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
)

// copies makes records for locks that were copied, at the first use of the copy.
//
// The copy of an unlocked lock is another lock and no fault: value receivers and growing
// slices make such copies. The copy of a locked lock is locked, and an Unlock of the
// original does not unlock it.
type copies struct {
	// mu serializes the making of records for copies. That is the first step of each use,
	// so a copy which is locked then is the copy of a locked lock. It is a leaf: no
	// goroutine waits for another lock under it.
	mu sync.Mutex
}

// adopt makes the record of l, which has the record of another lock.
//
//go:noinline
func (c *copies) adopt(l *Lock, use Use) *lockRecord {
	c.mu.Lock()
	old := l.record.Load()
	if !old.isForeign(l) { // another goroutine was first
		c.mu.Unlock()
		if old != nil {
			return old
		}
		return l.make(use)
	}
	locked := !l.tryLock(use)
	r := newLockRecord(l, use)
	callers.Take(&r.description.firstUse)
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
	g.settleAll()
	stack := callers.Long()
	std.protect(func() { std.sink.report(copiedFinding(g, old, l, stackOf(stack))) })
}

func copiedFinding(g *Goroutine, old, l *lockRecord, stack finding.Stack) finding.Finding {
	use := misuse.CopyUse{
		Copy: l.description.resource(), Original: old.description.resource(),
		By: finding.Goroutine{ID: g.identity(), Created: creatorOf(g.creator)}, At: stack,
	}
	for _, h := range g.snapshot() {
		if h.lock == old && h.isValid() {
			use.By.Holds = append(use.By.Holds, finding.Hold{Resource: 1, Mode: judge.ModeOf(h.mode), Stack: stackOf(h.stack[:])})
		}
	}
	return use.Finding()
}
