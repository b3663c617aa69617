package oversubscribed

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// crowd is how many ready goroutines a processor are too many: one that waits
	// behind each running one is good use of the machine, and bursts double that.
	crowd = 2
	// crowdShare: a queue that is there half of the time is how the program works,
	// not how it starts.
	crowdShare = 0.5
	// A burst below both is not worth a change: a twentieth of the trace, and the
	// scheduler's time slice of 10 ms taken five times over.
	minShare = 0.05
	minNanos = 50_000_000
	// readyFactor: they wait for a processor at least twice as long as they use it.
	readyFactor = 2
	// busyShare of the processors must run user code meanwhile, or it is not for the
	// want of processors that they wait. The collector may take a quarter.
	busyShare = 0.6
)

func (p *pass) finish(rep *finding.Report) {
	all := make([]*group, 0, len(p.groups))
	for _, g := range p.groups {
		p.advance(g)
		for does, n := range g.now {
			g.sum[does] += int64(n) * p.tr.Now
		}
		if p.isCrowd(g) {
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.sum[ready], a.sum[ready]), cmp.Compare(a.created, b.created))
	})
	for _, g := range all {
		rep.Findings = append(rep.Findings, p.finding(g))
	}
}

func (p *pass) isCrowd(g *group) bool {
	procs := float64(p.tr.MaxProcs)
	switch {
	case procs == 0, g.wanting < minNanos, finding.Fraction(g.wanting, p.tr.Now) < minShare:
		return false
	case finding.Fraction(g.sum[ready], g.wanting) < crowd*procs, finding.Fraction(g.crowded, g.wanting) < crowdShare:
		return false
	case g.sum[ready] < readyFactor*g.sum[running], g.sum[blocked] > g.sum[running]:
		return false
	}
	return finding.Fraction(g.used, g.crowded) >= busyShare*procs
}

func (p *pass) finding(g *group) finding.Finding {
	mean := finding.Fraction(g.sum[ready], g.wanting)
	origin := p.tr.Frame(p.tr.Site(g.created)).Frame
	who := fmt.Sprintf("%d goroutines created at %s", g.members, origin)
	if g.created == 0 {
		origin = p.tr.Frame(g.entry).Frame
		who = fmt.Sprintf("%d goroutines of %s", g.members, origin.ShortFunc())
	}
	f := finding.Finding{
		Rule:      finding.RuleOversubscribed,
		Certainty: finding.Observed,
		Severity:  finding.Warning,
		Title:     fmt.Sprintf("%s compute; on average %.0f of them are runnable without a processor (GOMAXPROCS is %d)", who, mean, p.tr.MaxProcs),
		Detail:    p.detail(g),
		Resources: []finding.Resource{{Kind: finding.Processor}},
		Places:    p.places(g),
		Measures: []finding.Measure{
			finding.Number("goroutines", g.members), finding.Number("processors", p.tr.MaxProcs),
			{Name: "ready on average", Value: float64(int64(10*mean)) / 10, Unit: finding.Count}, finding.Number("at most", g.peak),
			{Name: "ready each", Value: float64(g.sum[ready] / int64(max(1, g.members))), Unit: finding.Nanos},
		},
		LostNanos: g.sum[ready],
		Evidence: []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf(
			"goroutines of this origin wanted a processor for %s of %s", finding.FormatDuration(g.wanting), finding.FormatDuration(p.tr.Now))}},
		Fix: fmt.Sprintf("start %d workers (runtime.GOMAXPROCS(0)) that take tasks from a channel, or bound the number in flight "+
			"with a semaphore of that size: the work takes as long, and nothing else queues behind it", p.tr.MaxProcs),
	}
	return f
}

// places names the origin only: where members are interrupted is up to chance, and
// a place is part of the finding's identity.
func (p *pass) places(g *group) []finding.Place {
	if g.created != 0 {
		return []finding.Place{{Role: "created here", Stack: p.tr.Stack(g.created).Trim()}}
	}
	return []finding.Place{{Role: "runs here", Stack: finding.Stack{p.tr.Frame(g.entry).Frame}}}
}

// detail says where the time goes.
func (p *pass) detail(g *group) string {
	text := fmt.Sprintf("In total they ran for %s, were runnable without a processor for %s, and were blocked for %s.",
		finding.FormatDuration(g.sum[running]), finding.FormatDuration(g.sum[ready]), finding.FormatDuration(g.sum[blocked]))
	best := stream.StackID(0)
	for id, n := range g.stopped {
		if n > g.stopped[best] || n == g.stopped[best] && id < best {
			best = id
		}
	}
	if at := p.tr.User(best); at != 0 {
		text += fmt.Sprintf(" They were interrupted most often in %s.", p.tr.Frame(at).Frame)
	}
	return text
}
