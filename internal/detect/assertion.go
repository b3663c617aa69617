package detect

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// AssertHeld reports a finding if the running goroutine does not hold the lock. If shared is
// true, it may hold the lock in shared mode.
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
		if h := &g.held[i]; h.lock == record && h.isValid() {
			if shared || h.mode == lockorder.Exclusive {
				return
			}
			reads = true
		}
	}
	// A lock that is held by another goroutine may have been given to this one.
	if !reads && record.description.given.Load() && !o.Lock.tryLock(o.Use) {
		return
	}
	g.failed(assertion{lock: record, object: o, shared: shared, reads: reads})
}

// assertion is an assertion that fails.
type assertion struct {
	lock          *lockRecord
	object        LockObject
	shared, reads bool
}

// failure identifies failed assertions that make one finding. After the first one they are
// only counted, so that an assertion in a hot path costs little.
type failure struct {
	pcs  [keyDepth]uintptr
	kind finding.ResourceKind
	how  finding.Certainty
}

// keyDepth is the number of calls that identify an assertion: three of them are our own.
const keyDepth = 5

//go:noinline
func (g *Goroutine) failed(a assertion) {
	stack := callers.Long()
	g.enter()
	defer g.leave()
	std.protect(func() {
		how := a.certainty()
		key := failure{kind: a.lock.description.kind, how: how}
		copy(key.pcs[:], stack)
		if print, reported := std.failures.Load(key); reported {
			std.sink.Again(print.(string))
			return
		}
		f := a.finding(g.inside, how, stackOf(stack))
		std.failures.Store(key, f.ComputeFingerprint())
		std.sink.report(f)
	})
}

// certainty finds out whether another goroutine holds the lock, by trying to acquire it for a
// moment.
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
	locks.Of(a.lock.description, "", nil)
	f := finding.Finding{
		Rule: finding.RuleNotHeld, Certainty: how, Severity: finding.Error, Resources: locks.List,
		Goroutines: []finding.Goroutine{{ID: id}},
		Places:     []finding.Place{{Role: "expects A to be held", Stack: stack}},
		Fix:        finding.RuleNotHeld.Fix(),
	}
	state := "it is not held"
	switch {
	case a.reads:
		state = "the goroutine holds it only for reading"
	case how == finding.Potential:
		state = "another goroutine holds it"
	}
	f.Title = fmt.Sprintf("%s requires that %s is held, but %s", stack.Site(), a.lock.description.kind.Indefinite(), state)
	return f
}
