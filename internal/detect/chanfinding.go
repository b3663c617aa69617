package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
)

// sendPanics reports that the running goroutine's send on the channel panics
// because it is closed.
//
//go:noinline
func (s *Chan) SendPanics() {
	c := s.closed.Load()
	g := current()
	if c == nil || g == nil {
		return
	}
	s.sayMisuse(g, misuse{
		rule: finding.RuleSendOnClosed, earlier: c, stack: callers.Long(), creator: g.creator,
	})
}

// closedTwice reports that the running goroutine closes a channel that is closed.
//
//go:noinline
func (s *Chan) closedTwice(earlier, now *closing) {
	if g := current(); g != nil {
		s.sayMisuse(g, misuse{
			rule: finding.RuleDoubleClose, earlier: earlier, stack: now.stack.PCs(), creator: now.creator,
		})
	}
}

// misuse is a channel used after it was closed.
type misuse struct {
	rule    finding.RuleID
	earlier *closing
	stack   []uintptr
	creator uintptr
}

// sayMisuse reports m, which the running goroutine, g, is about to panic of.
//
//go:norace
func (s *Chan) sayMisuse(g *Goroutine, m misuse) {
	if s.waitable == nil {
		return
	}
	g.enter()
	defer g.leave()
	id := g.inside
	std.protect(func() { std.sink.report(m.finding(s.waitable.origin, id)) })
}

func (m *misuse) finding(channel *origin, id uint64) finding.Finding {
	var r resources
	r.of(channel)
	now := finding.Goroutine{ID: id, Stack: stackOf(m.stack), Created: creatorOf(m.creator)}
	earlier := finding.Goroutine{ID: m.earlier.by, Stack: stackOf(m.earlier.stack[:]), Created: creatorOf(m.earlier.creator)}
	f := wording.Closed(m.rule, now, earlier)
	f.Resources = r.list
	return f
}

// nilChannel reports that the running goroutine, g, begins to wait for ever.
//
//go:norace
//go:noinline
func nilChannel(g *Goroutine, op WaitOp) {
	stack, creator := stackOf(callers.Long()), creatorOf(g.creator)
	g.enter()
	defer g.leave()
	f := wording.NilChannel(finding.Goroutine{
		ID: g.inside, Created: creator, Wait: &finding.Wait{Mode: opModes[op], Stack: stack},
	})
	std.protect(func() { std.sink.report(f) })
}
