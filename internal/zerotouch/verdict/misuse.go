package verdict

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// misuse returns the diagnosis of a mistake, and false for what is none by itself: a
// lock that nobody waits for may be left locked, and be released by another goroutine.
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
	}
	return finding.Finding{}, false
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
