package leak

import (
	"cmp"
	"fmt"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// shownGoroutines bounds the examples of a group: they look alike.
const shownGoroutines = 3

func (p *pass) finish(rep *finding.Report) {
	p.findStuck()
	p.findAbandoned()
	for _, g := range p.groups() {
		for _, v := range p.verdicts(g) {
			rep.Findings = append(rep.Findings, p.finding(v))
		}
	}
}

func (p *pass) finding(g verdict) finding.Finding {
	oldest := g.members[0]
	f := finding.Finding{
		Rule:      g.rule,
		Certainty: g.certainty,
		Severity:  g.severity,
		Title:     p.title(g),
		Detail:    p.detail(g),
		Resources: []finding.Resource{{Kind: oldest.reason.ResourceKind()}},
		Places:    []finding.Place{{Role: "blocked here", Stack: p.tr.Stack(oldest.stack).Trim()}},
		Measures:  p.measures(g.group),
		Evidence: []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf(
			"blocked at the end of the trace, after %s, and not woken since they blocked", finding.FormatDuration(p.tr.Now))}},
		Fix: g.fix(),
	}
	for _, b := range g.members {
		f.LostNanos += p.tr.Now - b.since
	}
	if creation := g.creation(); creation != 0 {
		f.Places = append(f.Places, finding.Place{Role: "created here", Stack: p.tr.Stack(creation).Trim()})
	}
	for _, b := range g.members[:min(len(g.members), shownGoroutines)] {
		state := fmt.Sprintf("%s for %s", b.reason, age(b, p.tr.Now))
		if b.waker.stack != 0 {
			state += fmt.Sprintf(", last woken by goroutine %d %s before the end", b.waker.id, finding.FormatDuration(p.tr.Now-b.waker.at))
		}
		f.Goroutines = append(f.Goroutines, finding.Goroutine{ID: b.id, State: state})
	}
	p.holders(g, &f)
	f.Fingerprint = f.ComputeFingerprint() // what woke them last may differ from run to run
	if stack := g.mostly(func(b *blocked) stream.StackID { return b.waker.stack }); stack != 0 {
		f.Places = append(f.Places, finding.Place{Role: "last woken here", Stack: p.tr.Stack(stack).Trim()})
	}
	if g.born() > 0 {
		f.Series = []finding.Series{p.pile(g.group)}
	}
	return f
}

func (p *pass) title(g verdict) string {
	oldest := g.members[0]
	at := p.tr.Frame(p.tr.User(oldest.stack)).Frame
	if g.rule != finding.RuleGoroutineLeak {
		who, longest, why := "a goroutine waits", "", "no live goroutine seems able to end the wait"
		if n := len(g.members); n > 1 {
			who, longest = fmt.Sprintf("%d goroutines wait", n), "the longest "
		}
		if g.rule == finding.RuleAbandonedLock {
			why = "a goroutine ended without releasing the lock"
		}
		return fmt.Sprintf("%s in %s (%s), %sfor %s: %s", who, at, oldest.reason, longest, age(oldest, p.tr.Now), why)
	}
	if len(g.members) == 1 {
		return fmt.Sprintf("a goroutine is blocked in %s (%s) for %s, until the end of the trace", at, oldest.reason, age(oldest, p.tr.Now))
	}
	if g.grows() {
		return fmt.Sprintf("%d goroutines have piled up in %s (%s); none has left", len(g.members), at, oldest.reason)
	}
	return fmt.Sprintf("%d goroutines are blocked in %s (%s), the oldest for %s", len(g.members), at, oldest.reason, age(oldest, p.tr.Now))
}

// detail says what the judgement rests on.
func (p *pass) detail(g verdict) string {
	switch g.rule {
	case finding.RuleStuck:
		return g.stuckDetail() + " " + p.history(g.group)
	case finding.RuleAbandonedLock:
		return p.abandonedDetail(g)
	}
	return p.history(g.group)
}

// history says what is known about the waits.
func (p *pass) history(g *group) string {
	text := "No wait at this line ended during the trace."
	if g.line.longest > 0 {
		text = "The longest wait at this line that ended took " + finding.FormatDuration(g.line.longest) + "."
	}
	if g.asleep > 0 {
		text += " " + g.share(g.asleep) + " blocked before the trace began."
	}
	if g.orphans > 0 {
		text += " " + g.share(g.orphans) + " created by a goroutine that has ended."
	}
	return text
}

// share says how many of the members something is true of: "All of them were".
func (g *group) share(n int) string {
	switch {
	case len(g.members) == 1:
		return "It was"
	case n == len(g.members):
		return "All of them were"
	case n == 1:
		return "One of them was"
	}
	return fmt.Sprintf("%d of them were", n)
}

func (p *pass) measures(g *group) []finding.Measure {
	m := []finding.Measure{
		finding.Number("goroutines", len(g.members)),
		finding.Duration("oldest age", p.tr.Now-g.members[0].since),
		finding.Duration("median age", p.tr.Now-g.members[len(g.members)/2].since),
	}
	if g.grows() {
		m = append(m, finding.Measure{
			Name: "growth", Unit: finding.PerSecond, Value: float64(g.born()) / time.Duration(p.tr.Now).Seconds(),
		})
	}
	return m
}

// pile is how many of the members were there over time.
func (p *pass) pile(g *group) finding.Series {
	var line chart.Timeline
	for _, b := range g.members {
		line.Add(b.born, p.tr.Now, 1)
	}
	return line.Level("goroutines of the pile", p.tr.Now)
}

// creation returns the stack that created most members, 0 if none is known.
func (g *group) creation() stream.StackID {
	return g.mostly(func(b *blocked) stream.StackID { return b.creation })
}

// mostly returns the stack that most members have, 0 if none does.
func (g *group) mostly(of func(*blocked) stream.StackID) stream.StackID {
	count := make(map[stream.StackID]int)
	for i := range g.members {
		count[of(&g.members[i])]++
	}
	delete(count, 0)
	best := stream.StackID(0)
	for id, n := range count {
		if c := cmp.Compare(n, count[best]); c > 0 || c == 0 && id < best {
			best = id
		}
	}
	return best
}

// fix says what to change.
func (v verdict) fix() string {
	switch r := v.members[0].reason; {
	case v.rule == finding.RuleAbandonedLock:
		return v.rule.Fix()
	case v.rule == finding.RuleStuck && r == stream.ChanSend:
		return "let the receiver say that it stops: give the sender a select with ctx.Done() and cancel in a defer, or drain the channel"
	default:
		return fix(r)
	}
}

func fix(r stream.Reason) string {
	switch r {
	case stream.ChanSend:
		return hang.Fix(finding.Channel, finding.Send)
	case stream.ChanRecv:
		return hang.Fix(finding.Channel, finding.Receive)
	case stream.Select:
		return hang.Fix(finding.Channel, finding.Select)
	case stream.Forever:
		return "nothing can end a wait on a nil channel or an empty select: make the channel before it is used, or return"
	case stream.WaitGroup:
		return hang.Fix(finding.WaitGroup, finding.Await)
	case stream.Cond:
		return hang.Fix(finding.Cond, finding.Await)
	}
	return hang.Fix(finding.Mutex, finding.Exclusive)
}

func age(b blocked, now int64) string {
	if b.before && b.since == 0 {
		return "more than " + finding.FormatDuration(now)
	}
	return finding.FormatDuration(now - b.since)
}
