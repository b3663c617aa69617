package detect

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// AssertHeld says that the running goroutine holds the lock; shared, that it may hold
// it for reading.
//
//go:norace
//go:noinline
func (o LockObject) AssertHeld(shared bool) {
	g := current()
	if g == nil {
		return
	}
	record := o.Lock.known(o.Use)
	reads := false
	for i := range g.n {
		if h := &g.held[i]; h.lock == record && h.holdsStill() {
			if shared || h.mode == lockorder.Exclusive {
				return
			}
			reads = true
		}
	}
	if !record.origin.semaphore.Load() {
		g.failed(assertion{lock: record, object: o, shared: shared, reads: reads})
	}
}

// assertion is one that fails.
type assertion struct {
	lock          *lockRecord
	object        LockObject
	shared, reads bool
}

// failure is what makes two failed assertions one finding. Those that were told are
// only counted, so that one in a hot path costs little.
type failure struct {
	pcs  [keyDepth]uintptr
	kind finding.ResourceKind
	how  finding.Certainty
}

// keyDepth is how many calls tell assertions apart: three are our own.
const keyDepth = 5

//go:noinline
func (g *Goroutine) failed(a assertion) {
	stack := callers.Long()
	g.enter()
	defer g.leave()
	std.protect(func() {
		how := a.certainty()
		key := failure{kind: a.lock.origin.kind, how: how}
		copy(key.pcs[:], stack)
		if print, told := std.failures.Load(key); told {
			std.sink.Again(print.(string))
			return
		}
		f := a.finding(g.inside, how, stackOf(stack))
		std.failures.Store(key, f.ComputeFingerprint())
		std.sink.report(f)
	})
}

// certainty tells a lock that nobody holds from one that somebody else holds, by
// taking it for a moment.
func (a *assertion) certainty() finding.Certainty {
	if a.reads {
		return finding.Observed
	}
	if a.object.Lock.tryLock(a.object.Use) {
		return finding.Observed
	}
	return finding.Potential
}

func (a *assertion) finding(id uint64, how finding.Certainty, stack finding.Stack) finding.Finding {
	var locks judge.Resources
	locks.Of(a.lock.origin, "", nil)
	f := finding.Finding{
		Rule: finding.RuleNotHeld, Certainty: how, Severity: finding.Error, Resources: locks.List,
		Goroutines: []finding.Goroutine{{ID: id}},
		Places:     []finding.Place{{Role: "expects A to be held", Stack: stack}},
		Fix:        finding.RuleNotHeld.Fix(),
	}
	who := "it is not held"
	switch {
	case a.reads:
		who = "the goroutine holds it only for reading"
	case how == finding.Potential:
		who = "another goroutine holds it"
	}
	f.Title = fmt.Sprintf("%s requires that %s is held, but %s", stack.Site(), a.lock.origin.kind.Indefinite(), who)
	return f
}
