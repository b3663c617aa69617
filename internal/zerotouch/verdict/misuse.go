package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// misuse returns the diagnosis of a mistake, and false for what is none by itself: a
// lock that no goroutine waits for may be left locked, and be released by another goroutine.
func (s *scene) misuse(m *tape.Misuse) (finding.Finding, bool) {
	by := finding.Goroutine{ID: m.Goroutine, Created: judge.Created(m.Created)}
	switch m.Rule {
	case finding.RuleSendOnClosed, finding.RuleDoubleClose:
		channel := s.resource(m, finding.Send)
		if m.Rule == finding.RuleDoubleClose {
			channel.Name = s.namer.Name(m.Stack.Site(), naming.Close, "")
		}
		by.Stack = m.Stack.Trim()
		earlier := finding.Goroutine{ID: m.OtherGoroutine, Stack: m.Other.Trim()}
		return misuse.ClosedUse{Rule: m.Rule, Channel: channel, Now: by, Earlier: earlier, Outcome: s.outcome(m)}.Finding(), true
	case finding.RuleWaitGroupMisuse:
		return misuse.Group{
			Resource: s.resource(m, finding.Await), At: m.Stack.Trim(), Other: m.Other.Trim(), Outcome: s.outcome(m),
		}.Negative(), true
	case finding.RuleForeignUnlock:
		mode := judge.ModeOf(m.Mode)
		return misuse.ForeignUnlock{Lock: s.resource(m, mode), Mode: mode, By: by, At: m.Stack.Trim()}.Finding(), true
	case finding.RuleSignalWithoutLock:
		waits := s.waitsFor(m)
		if len(waits) == 0 || s.locksIn(m.Stack) {
			return finding.Finding{}, false
		}
		return misuse.UnlockedSignal{Cond: s.resource(m, finding.Await), By: by, At: m.Stack.Trim(), Waits: waits.Trim()}.Finding(), true
	}
	return finding.Finding{}, false
}

// waitsFor is where another goroutine has waited for what a misuse is about, nil if none has.
func (s *scene) waitsFor(m *tape.Misuse) finding.Stack {
	if len(m.Other) > 0 {
		return m.Other
	}
	for _, u := range s.uses[keyOf(m.Object)] {
		if u.Side == tape.Await && u.Goroutine != m.Goroutine {
			return u.Stack
		}
	}
	return nil
}

// locksIn reports whether the function of the program at a stack was seen to take a lock: what
// it does may be done under that lock in part.
func (s *scene) locksIn(at finding.Stack) bool {
	f := at.User().Func
	return slices.ContainsFunc(s.Holdings, func(h tape.Holding) bool { return h.Stack.Site().Func == f }) ||
		slices.ContainsFunc(s.Dependencies, func(d tape.Dependency) bool { return d.Stack.Site().Func == f })
}

func (s *scene) resource(m *tape.Misuse, as finding.Mode) finding.Resource {
	if isNil(m.Object) {
		return finding.Resource{Kind: kindOf(m.Object.Kind)}
	}
	return s.object(m.Object).Resource(as, m.Stack)
}

// outcome says what became of a panic: tests provoke some on purpose.
func (s *scene) outcome(m *tape.Misuse) misuse.Outcome {
	switch t := s.tests[m.Test]; {
	case t != nil && t.End != 0 && !t.Failed:
		return misuse.Passed
	case s.End == tape.Exited:
		return misuse.Recovered
	}
	return misuse.Panics
}
