package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
)

// SendPanics reports that the running goroutine is about to panic, since it sends on a closed
// channel.
//
//go:noinline
func (s *Chan) SendPanics() {
	c := s.closed.Load()
	g := current()
	if c == nil || g == nil {
		return
	}
	s.reportMisuse(g, closedUse{
		rule: finding.RuleSendOnClosed, earlier: c, stack: callers.Long(), creator: g.creator,
	})
}

// closedTwice reports that the running goroutine closes a closed channel.
//
//go:noinline
func (s *Chan) closedTwice(earlier, now *closing) {
	if g := current(); g != nil {
		s.reportMisuse(g, closedUse{
			rule: finding.RuleDoubleClose, earlier: earlier, stack: now.stack.PCs(), creator: now.creator,
		})
	}
}

// closedUse is a use of a channel after it was closed.
type closedUse struct {
	rule    finding.RuleID
	earlier *closing
	stack   []uintptr
	creator uintptr
}

// reportMisuse reports a use for which the running goroutine, g, is about to panic.
//
//go:norace
func (s *Chan) reportMisuse(g *Goroutine, m closedUse) {
	if s.waitable == nil {
		return
	}
	g.enter()
	defer g.leave()
	id := g.inside
	std.protect(func() { std.sink.report(m.finding(s.waitable.description, id)) })
}

func (m *closedUse) finding(channel *description, id uint64) finding.Finding {
	return misuse.ClosedUse{
		Rule: m.rule, Channel: channel.resource(),
		Now:     finding.Goroutine{ID: id, Stack: stackOf(m.stack), Created: creatorOf(m.creator)},
		Earlier: finding.Goroutine{ID: m.earlier.by, Stack: stackOf(m.earlier.stack[:]), Created: creatorOf(m.earlier.creator)},
	}.Finding()
}

// nilChannel reports that the running goroutine, g, is about to block for ever.
//
//go:norace
//go:noinline
func nilChannel(g *Goroutine, op WaitOp) {
	stack, creator := stackOf(callers.Long()), creatorOf(g.creator)
	g.enter()
	defer g.leave()
	f := misuse.NilChannel(finding.Goroutine{
		ID: g.inside, Created: creator, Wait: &finding.Wait{Mode: opModes[op], Stack: stack},
	}, []finding.Resource{{Kind: finding.Channel}}, finding.Potential)
	std.protect(func() { std.sink.report(f) })
}
