package loop

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// minVisits are too few to be called a coincidence, sureVisits enough to call it
	// a habit.
	minVisits  = 10
	sureVisits = 20
	// batchShare: a goroutine with more slow iterations than this does slow work.
	batchShare = 0.75
	// fedShare is the least part of its home waits that other goroutines end: what
	// only timers wake is periodic work.
	fedShare = 0.1
	// One slow block is a hiccup of the machine, fewBlocks are the program's; but
	// one of longNanos is noticed by every user, and makes the finding an error.
	fewBlocks = 3
	longNanos = 100_000_000
	// rareShare of its iterations must be slow, where the slowness may be the machine's:
	// a goroutine that computes, or that it waits for, may have a processor of Go's but
	// no core of the system's. Less is reported only if it is very long.
	rareShare = 0.001
	// shownStacks bounds a finding's places of one role.
	shownStacks = 3
)

func (p *pass) finish(rep *finding.Report) {
	all := make([]candidate, 0, len(p.ended))
	for _, c := range p.ended {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(a.id, b.id) })
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.kind.pooled || !c.isLoop() })
	p.summarise(rep, all)
	for _, c := range all {
		rep.Findings = append(rep.Findings, p.findings(c.life)...)
		if f, ok := p.saturated(p.subject(c.life), c.life, c.work()); ok {
			rep.Findings = append(rep.Findings, f)
		}
	}
	p.reportNamed(rep)
}

// subject is a loop that goes by its home.
func (p *pass) subject(l *life) subject {
	home := &l.lines[l.home]
	frame := p.tr.Frame(home.frame).Frame
	return subject{
		title: "at " + frame.String(), resource: finding.Resource{Kind: finding.Loop, Class: frame},
		home: finding.Place{Role: "home wait", Stack: p.tr.Stack(home.stack).Trim()},
	}
}

// isLoop applies what the package comment says of batch workers, tickers and
// producers.
func (l *life) isLoop() bool {
	home := &l.lines[l.home]
	switch {
	case home.taken > home.fed:
		return false
	case !home.network && finding.Fraction(home.fed, home.fed+home.timed) < fedShare:
		return false
	}
	return finding.Fraction(l.slow, l.trips.count) <= batchShare
}

// cause is the blocks of one function of user code.
type cause struct {
	block
	stacks []block // most time first, unknown stacks last
}

// findings reports each function that keeps the loop from its events.
func (p *pass) findings(l *life) []finding.Finding {
	var found []finding.Finding
	for _, c := range p.causes(l) {
		if c.count >= fewBlocks && !c.isRare(l) || c.max >= longNanos {
			found = append(found, p.finding(l, c))
		}
	}
	return found
}

// isRare reports whether the blocks may be hiccups of the machine.
func (c *cause) isRare(l *life) bool {
	return !c.reason.IsIO() && finding.Fraction(c.count, l.trips.count) < rareShare
}

// causes gathers the blocks that lie between two home visits, by function.
func (p *pass) causes(l *life) []*cause {
	home := &l.lines[l.home]
	return p.gather(l, func(b *block) bool {
		return (b.computing || b.line != home.line) && b.first >= home.first && b.first <= home.last
	})
}

// gather gathers the blocks that count, by function.
func (p *pass) gather(l *life, counts func(*block) bool) []*cause {
	by := make(map[string]*cause)
	var all []*cause
	for i := range l.blocks {
		b := &l.blocks[i]
		if !counts(b) {
			continue
		}
		key := "" // a run that was not interrupted does not show where: all are one
		if !b.computing {
			key = p.function(l, b).Func
		}
		c := by[key]
		if c == nil {
			c = &cause{block: block{reason: b.reason, computing: b.computing}}
			by[key] = c
			all = append(all, c)
		}
		c.add(b)
	}
	for _, c := range all {
		slices.SortStableFunc(c.stacks, sortStacks)
	}
	return all
}

func (c *cause) add(b *block) {
	c.stacks = append(c.stacks, *b)
	c.count += b.count
	c.total += b.total
	c.max = max(c.max, b.max)
	c.fed += b.fed
	c.waited += b.waited
	if c.waiter == 0 {
		c.waiter = b.waiter
	}
}

// function returns the frame of user code that blocks; the loop's own if it is not
// known where it computes.
func (p *pass) function(l *life, b *block) finding.Frame {
	if f := p.tr.User(b.stack); f != 0 {
		return p.tr.Frame(f).Frame
	}
	if l.home < 0 {
		return finding.Frame{}
	}
	return p.tr.Frame(l.lines[l.home].frame).Frame
}

func (p *pass) finding(l *life, c *cause) finding.Finding {
	home := &l.lines[l.home]
	homeFrame := p.tr.Frame(home.frame).Frame
	at := p.function(l, &c.stacks[0])
	f := finding.Finding{
		Rule:      finding.RuleLoopBlocked,
		Certainty: finding.Suspected,
		Severity:  finding.Warning,
		Title: fmt.Sprintf("the event loop at %s does not return to its events for up to %s: %s %s",
			homeFrame, finding.FormatDuration(c.max), at, verb(c)),
		Detail:     p.detail(l, c),
		Resources:  []finding.Resource{{Kind: finding.Loop, Class: homeFrame}},
		Places:     p.places(l, c),
		Measures:   measures(l),
		Histograms: l.trips.iterations(),
		Series:     l.series(p.tr.Now),
		LostNanos:  c.total,
		Evidence: []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf(
			"goroutine %d was at %s %d times in %s; that it is an event loop is inferred from this",
			l.id, homeFrame.Position(), home.count, finding.FormatDuration(p.tr.Now))}},
		Fix: fix(c, at),
	}
	f.Fingerprint = fingerprint(f, at, homeFrame)
	switch {
	case !home.network && !c.keptWaiting():
		f.Severity = finding.Info // no event was seen to come meanwhile
	case c.max >= longNanos:
		f.Severity = finding.Error
	}
	if home.count >= sureVisits && c.count >= fewBlocks && !c.isRare(l) && c.keptWaiting() {
		f.Certainty = finding.Potential
	}
	return f
}

// fingerprint is that of the loop and the function that keeps it: which stacks lead
// there, and which goroutines were seen to wait, differs from run to run.
func fingerprint(f finding.Finding, at, home finding.Frame) string {
	f.Places = []finding.Place{{Role: "blocks here", Stack: finding.Stack{at}}, {Role: "home wait", Stack: finding.Stack{home}}}
	return f.ComputeFingerprint()
}

// keptWaiting reports whether events came while the loop was away: a sender was
// blocked, or those that feed the loop ran as often as it was away.
func (c *cause) keptWaiting() bool { return c.waited >= slowNanos || c.fed >= c.count }

func (p *pass) detail(l *life, c *cause) string {
	var text string
	if c.computing {
		text = fmt.Sprintf("The loop ran for %s or more without checking for events %s, %s in total.", finding.FormatDuration(slowNanos), finding.Times(c.count), finding.FormatDuration(c.total))
	} else {
		text = fmt.Sprintf("The loop waited for something other than events (%s) for %s or more %s, %s in total.", c.reason, finding.FormatDuration(slowNanos), finding.Times(c.count), finding.FormatDuration(c.total))
	}
	switch {
	case c.waited > 0:
		text += fmt.Sprintf(" Meanwhile senders were blocked on its channel for %s.", finding.FormatDuration(c.waited))
	case c.fed > 0:
		text += fmt.Sprintf(" Meanwhile the goroutines that feed it ran %s.", finding.Times(c.fed))
	default:
		text += " Whether events arrived meanwhile is not known."
	}
	return text
}

func (p *pass) places(l *life, c *cause) []finding.Place {
	places := p.blockPlaces(l, c)
	home := finding.Place{Role: "home wait", Stack: p.tr.Stack(l.lines[l.home].stack).Trim()}
	if n := len(places); n > 0 && places[n-1].Role == waitsForLoop {
		return slices.Insert(places, n-1, home)
	}
	return append(places, home)
}

// waitsForLoop is the role of goroutines that were blocked on the loop's channel.
const waitsForLoop = "waits for the loop"

// blockPlaces are the stacks that keep the loop, and those that waited for it.
func (p *pass) blockPlaces(l *life, c *cause) []finding.Place {
	busy := l.trips.sum
	role := "blocks here"
	if c.computing {
		role = "computes here"
	}
	var places []finding.Place
	for _, b := range c.stacks[:min(len(c.stacks), shownStacks)] {
		if b.stack == 0 {
			continue
		}
		places = append(places, finding.Place{Role: role, Stack: p.tr.Stack(b.stack).Trim(), Measures: []finding.Measure{
			finding.Number("times", b.count), finding.Duration("total", b.total), finding.Duration("max", b.max), finding.Share("of the busy time", finding.Fraction(b.total, busy)),
		}})
	}
	if c.waiter != 0 && c.waited > 0 {
		places = append(places, finding.Place{
			Role: waitsForLoop, Stack: p.tr.Stack(c.waiter).Trim(), Measures: []finding.Measure{finding.Duration("waited", c.waited)},
		})
	}
	return places
}

func measures(l *life) []finding.Measure {
	home := &l.lines[l.home]
	return []finding.Measure{
		finding.Number("home visits", home.count), finding.Share("busy", finding.Fraction(l.trips.sum, home.last-home.first)),
		finding.Duration("iteration p50", l.trips.quantile(0.5)), finding.Duration("p99", l.trips.quantile(0.99)), finding.Duration("max", l.trips.max),
	}
}

func verb(c *cause) string {
	switch {
	case c.computing:
		return "computes"
	case c.reason == stream.Sleep:
		return "sleeps"
	case c.reason.IsLock():
		return "waits for a lock"
	case c.reason == stream.Network:
		return "waits for the network"
	case c.reason == stream.InSyscall:
		return "waits in a system call"
	}
	return "waits for another goroutine"
}

func fix(c *cause, at finding.Frame) string {
	offload := fmt.Sprintf("do the work of %s in another goroutine and let its result come back as an event", at.ShortFunc())
	switch {
	case c.computing:
		return offload + "; or split it into pieces and post the rest as an event"
	case c.reason == stream.Sleep:
		return fmt.Sprintf("replace the sleep in %s with a timer that sends an event", at.ShortFunc())
	case c.reason.IsLock():
		return offload + "; or give the loop its own copy of the data that the lock protects"
	}
	return offload
}
