package verdict

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// misuse returns the diagnosis of a mistake, and false for what is none by itself: a
// lock that nobody waits for may be left locked, and be released by another goroutine.
func (s *scene) misuse(m *tape.Misuse) (finding.Finding, bool) {
	c := &cast{scene: s}
	by := finding.Goroutine{ID: m.Goroutine, Created: creatorOf(m.Created)}
	var f finding.Finding
	switch m.Rule {
	case finding.RuleSendOnClosed, finding.RuleDoubleClose:
		side := tape.Send
		if m.Rule == finding.RuleDoubleClose {
			side = tape.Close
		}
		c.other(m.Object, side, m.Stack)
		by.Stack = m.Stack.Trim()
		f = wording.Closed(m.Rule, by, finding.Goroutine{ID: m.OtherGoroutine, Stack: m.Other.Trim()})
	case finding.RuleWaitGroupMisuse:
		c.other(m.Object, tape.Done, m.Stack)
		f = wording.NegativeGroup(m.Stack.Trim(), m.Other.Trim())
		if len(m.Other) == 0 {
			f.Places = f.Places[:1]
		}
	case finding.RuleForeignUnlock:
		c.lock(m.Object, m.Stack)
		f = wording.Foreign(by, m.Stack.Trim(), c.list[0].Kind, modeOf(m.Mode))
	default:
		return finding.Finding{}, false
	}
	f.Resources = c.list
	if f.Severity == finding.Error {
		s.recovered(&f, m.Test)
	}
	return f, true
}

// recovered says of a panic that it ended nothing: tests provoke some on purpose.
func (s *scene) recovered(f *finding.Finding, test string) {
	t := s.tests[test]
	switch {
	case t != nil && t.End != 0 && !t.Failed:
		f.Severity = finding.Info
		f.Detail += " It was recovered, and the test has passed."
	case s.End == tape.Exited:
		f.Severity = finding.Warning
		f.Detail += " It was recovered: the program went on."
	}
}

// nilChannels returns the waits for nil channels that last. A select without cases is
// one on purpose.
func (s *scene) nilChannels(enough int64) (found []hang) {
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		w := g.Wait
		if w == nil || isService(g) || len(w.Cases) == 0 || w.MoreCases || s.waited(g) < enough {
			continue
		}
		nothing := true
		for _, c := range w.Cases {
			nothing = nothing && isNil(c.Object)
		}
		if nothing && !isLock(w.Kind) {
			shown := (&cast{scene: s}).goroutine(g)
			shown.Wait.Resource, shown.Holds = 0, nil
			found = append(found, hang{wording.NilChannel(shown), []*tape.Goroutine{g}})
		}
	}
	return found
}
