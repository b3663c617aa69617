//go:build !concdoctor_off

package agent

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/internal/callers"
)

// sendPanics reports that the running goroutine's send on the channel panics
// because it is closed.
//
//go:noinline
func (p *pipe) sendPanics() {
	c := p.closed.Load()
	g := current()
	if c == nil || g == nil {
		return
	}
	p.sayMisuse(g, misuse{
		rule: "send-on-closed", does: "sends", earlier: c, stack: callers.Long(), creator: g.creator,
		title: "%s sends on a channel that %s has closed",
		fix:   "let only the sender close, after its last send; with several senders close when all have ended (a WaitGroup), or tell them to stop on a channel of its own",
	})
}

// sendCasesPanic is sendPanics for the sends among the cases of a Select.
func sendCasesPanic(cases []Case) {
	for i := range cases {
		if c := &cases[i]; c.kind == kindSend && c.pipe != nil && c.pipe.isClosed() {
			c.pipe.sendPanics()
			return
		}
	}
}

// closedTwice reports that the running goroutine closes a channel that is closed.
//
//go:noinline
func (p *pipe) closedTwice(earlier, now *closing) {
	if g := current(); g != nil {
		p.sayMisuse(g, misuse{
			rule: "double-close", does: "closes it again", earlier: earlier, stack: now.stack.PCs(), creator: now.creator,
			title: "%s closes a channel that %s has closed already",
			fix:   "let one place own the close, the sender's end; where several may come first, close through a sync.Once",
		})
	}
}

// misuse is a channel used after it was closed.
type misuse struct {
	rule, does, title, fix string
	earlier                *closing
	stack                  []uintptr
	creator                uintptr
}

// sayMisuse reports m, which the running goroutine, g, is about to panic of.
//
//go:norace
func (p *pipe) sayMisuse(g *goroutine, m misuse) {
	if p.subject == nil {
		return
	}
	g.enter()
	defer g.leave()
	id := g.inside
	std.protect(func() { std.sink.report(m.finding(p.subject.origin, id)) })
}

func (m *misuse) finding(channel *origin, id uint64) finding.Finding {
	var r resources
	r.of(channel)
	now := finding.Goroutine{ID: id, State: m.does, Stack: stackOf(m.stack), Created: creatorOf(m.creator)}
	earlier := finding.Goroutine{
		ID: m.earlier.by, State: "closed it", Stack: stackOf(m.earlier.stack[:]), Created: creatorOf(m.earlier.creator),
	}
	return finding.Finding{
		Rule: m.rule, Certainty: finding.Observed, Severity: finding.Error,
		Title:      fmt.Sprintf(m.title, now.Stack.User(), earlier.Stack.User()),
		Resources:  r.list,
		Goroutines: []finding.Goroutine{now, earlier},
		Detail:     "The goroutine panics with the words of Go.",
		Fix:        m.fix,
	}
}

// nilChannel reports that the running goroutine, g, begins to wait for ever. That
// it does is certain; that nobody wants it to is not.
//
//go:norace
//go:noinline
func nilChannel(g *goroutine, op waitOp) {
	stack, creator := stackOf(callers.Long()), creatorOf(g.creator)
	g.enter()
	defer g.leave()
	what := map[waitOp]string{opSend: "sends on a nil channel", opReceive: "receives from a nil channel", opSelect: "selects among nil channels"}[op]
	f := finding.Finding{
		Rule: "nil-channel", Certainty: finding.Potential, Severity: finding.Error,
		Title:     fmt.Sprintf("%s %s, and so waits for ever", stack.User(), what),
		Resources: []finding.Resource{{Kind: finding.Channel}},
		Goroutines: []finding.Goroutine{{
			ID: g.inside, Created: creator, Wait: &finding.Wait{Mode: opModes[op], Stack: stack},
		}},
		Fix: "make the channel before it is used; to wait for ever on purpose, use a select statement without cases",
	}
	std.protect(func() { std.sink.report(f) })
}
