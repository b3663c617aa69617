package loop

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// loopRegion is how the names of regions begin that agent.Loop opens for each
	// iteration; the loop's name follows.
	loopRegion = "concdoctor.loop "
	// maxNamed bounds the loops that are distinguished.
	maxNamed = 200
)

// named is a loop that the program itself marked as one.
type named struct {
	life
	name        string
	iterations  int64
	first, last int64 // when the first iteration began and the last one ended
	spent       int64 // in iterations
}

func (n *named) work() work { return work{n.iterations, n.spent, n.first, n.last} }

// region begins or ends an iteration of a marked loop.
func (p *pass) region(ev *stream.Event) {
	if ev.Kind != stream.RegionBegin && ev.Kind != stream.RegionEnd {
		return
	}
	name, marked := strings.CutPrefix(p.tr.Text(ev.Text), loopRegion)
	g := p.tr.Goroutine(ev.G)
	if !marked || g == nil {
		return
	}
	st := p.states.At(g)
	if ev.Kind == stream.RegionEnd {
		p.iterated(g, st)
		return
	}
	n := p.named[name]
	if n == nil {
		if len(p.named) == maxNamed {
			return
		}
		n = &named{name: name, first: ev.Time, life: life{id: g.ID, entry: g.Entry, home: -1}}
		p.named[name] = n
	}
	st.marked, st.inside, st.began, st.ranBefore, st.stoppedAt = n, true, ev.Time, 0, 0
}

// iterated ends an iteration.
func (p *pass) iterated(g *replay.Goroutine, st *state) {
	n := st.marked
	if n == nil || !st.inside {
		return // it began before the trace
	}
	st.inside = false
	took := p.tr.Now - st.began
	n.iterations++
	n.spent += took
	n.last = p.tr.Now
	n.trip(st.began, p.tr.Now)
	ran := st.ranBefore
	if g.State == stream.Running {
		ran += p.tr.Now - max(g.Since, st.began)
	}
	if ran >= slowNanos {
		n.blocked(block{stack: st.stoppedAt, line: p.site(st.stoppedAt).line, first: st.began, computing: true}, p.tr.Now-ran, p.tr.Now)
	}
}

// inside follows what the goroutine of a marked loop does. There every wait within an
// iteration counts, a send too.
func (p *pass) inside(s *replay.Span, st *state) {
	if !st.inside {
		return
	}
	switch {
	case s.State == stream.Running:
		st.ranBefore += s.End - max(s.Start, st.began)
		if s.Reason == stream.Preempted {
			st.stoppedAt = s.Stack
		}
	case s.Nanos() >= slowNanos:
		st.marked.blocked(block{stack: s.Stack, reason: s.Reason, line: p.site(s.Stack).line, first: s.Start}, s.Start, s.End)
	}
}

// reportNamed writes what marked loops were kept by, and whether they had time to spare.
func (p *pass) reportNamed(rep *finding.Report) {
	for _, name := range slices.Sorted(maps.Keys(p.named)) {
		n := p.named[name]
		for _, c := range p.gather(&n.life, func(*block) bool { return true }) {
			if c.count >= fewBlocks || c.max >= longNanos {
				rep.Findings = append(rep.Findings, p.namedFinding(n, c))
			}
		}
		if f, ok := p.saturated(n.subject(), &n.life, n.work()); ok {
			rep.Findings = append(rep.Findings, f)
		}
	}
}

// subject is a loop as titles and findings name it.
type subject struct {
	title    string
	resource finding.Resource
	certain  bool
	home     finding.Place // zero for a marked loop
}

func (n *named) subject() subject {
	return subject{title: n.name, resource: finding.Resource{Kind: finding.Loop, Name: n.name}, certain: true}
}

func (p *pass) namedFinding(n *named, c *cause) finding.Finding {
	at := p.tr.Frame(p.tr.User(c.stacks[0].stack)).Frame
	where := at.String()
	if at.IsZero() {
		where = "its handler"
	}
	f := finding.Finding{
		Rule: finding.RuleLoopBlocked, Certainty: finding.Observed, Severity: finding.Warning,
		Title:     fmt.Sprintf("the event loop %s does not return to its events for up to %s: %s %s", n.name, finding.FormatDuration(c.max), where, verb(c)),
		Detail:    p.detail(&n.life, c),
		Resources: []finding.Resource{n.subject().resource},
		Places:    p.blockPlaces(&n.life, c),
		Measures: []finding.Measure{
			finding.Number("iterations", n.iterations), finding.Share("busy", finding.Fraction(n.spent, n.last-n.first)),
			finding.Duration("iteration p50", n.trips.quantile(0.5)), finding.Duration("p99", n.trips.quantile(0.99)), finding.Duration("max", n.trips.max),
			finding.Share("of the busy time", finding.Fraction(c.total, n.spent)),
		},
		Histograms: n.trips.iterations(),
		Series:     n.series(p.tr.Now),
		LostNanos:  c.total,
		Evidence: []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf(
			"%d iterations of goroutine %d are regions of the trace (agent.Loop)", n.iterations, n.id)}},
		Fix: fix(c, at),
	}
	fingerprinted := f
	fingerprinted.Places = []finding.Place{{Role: "blocks here", Stack: finding.Stack{at}}}
	f.Fingerprint = fingerprinted.ComputeFingerprint()
	if c.max >= longNanos {
		f.Severity = finding.Error
	}
	return f
}

// sortStacks puts the worst first, and unknown ones last.
func sortStacks(a, b block) int {
	return cmp.Or(cmp.Compare(min(b.stack, 1), min(a.stack, 1)), cmp.Compare(b.total, a.total))
}
