package latency

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// slowNanos is the scheduler's time slice: a goroutine that waits as long was passed
	// over once at least.
	slowNanos = 10_000_000
	// fewDelays are no habit; readyShare of what goroutines wanted to run must
	// have been waiting, and minReady in all.
	fewDelays  = 30
	readyShare = 0.2
	minReady   = 100_000_000
	// causeShare makes something a cause that is named.
	causeShare = 0.2
	shown      = 3
)

func (p *pass) finish(rep *finding.Report) {
	p.summarize(rep)
	if !p.isSlow() {
		return
	}
	f := p.finding()
	if slices.ContainsFunc(rep.Findings, func(other finding.Finding) bool {
		return other.Rule == finding.RuleOversubscribed && slices.ContainsFunc(other.Evidence, func(e finding.Evidence) bool { return e.Source == p.tr.Input })
	}) {
		f.Severity = finding.Info
	}
	rep.Findings = append(rep.Findings, f)
}

func (p *pass) isSlow() bool {
	switch {
	case p.delays.Count < fewDelays, p.delays.Quantile(0.99) < slowNanos, p.delays.Sum < minReady:
		return false
	}
	return finding.Fraction(p.readyAll, p.wanted) >= readyShare
}

func (p *pass) finding() finding.Finding {
	groups := p.sorted()
	top := p.tr.Frame(groups[0].entry).Frame
	f := finding.Finding{
		Rule: finding.RuleSchedLatency, Certainty: finding.Observed, Severity: finding.Warning,
		Title: fmt.Sprintf("runnable goroutines wait %s at the 99th percentile for a processor (GOMAXPROCS is %d), %s in total, most of them goroutines of %s",
			finding.FormatDuration(p.delays.Quantile(0.99)), p.tr.MaxProcs, finding.FormatDuration(p.delays.Sum), top),
		Detail:    p.causes(),
		Resources: []finding.Resource{{Kind: finding.Processor}},
		Measures: []finding.Measure{
			finding.Number("times", p.delays.Count), finding.Duration("p50", p.delays.Quantile(0.5)), finding.Duration("p95", p.delays.Quantile(0.95)),
			finding.Duration("p99", p.delays.Quantile(0.99)), finding.Duration("max", p.delays.Max), finding.Share("of the time that goroutines wanted to run", finding.Fraction(p.readyAll, p.wanted)),
			{Name: "running meanwhile", Value: float64(int(100*finding.Fraction(p.ran, p.busy)+0.5)) / 100, Unit: finding.Count},
		},
		Histograms: []finding.Histogram{p.delays.Buckets("waits for a processor")},
		LostNanos:  p.delays.Sum,
		Evidence:   []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf("%d waits for a processor in %s", p.delays.Count, finding.FormatDuration(p.tr.Now))}},
		Fix:        p.fix(),
	}
	for i, g := range groups {
		if i == shown || i > 0 && finding.Fraction(g.ready, p.delays.Sum) < causeShare/2 {
			break
		}
		f.Places = append(f.Places, finding.Place{Role: "its goroutines wait for a processor", Stack: finding.Stack{p.tr.Frame(g.entry).Frame}, Measures: []finding.Measure{
			finding.Duration("ready", g.ready), finding.Number("times", g.count), finding.Duration("max", g.max), finding.Share("share", finding.Fraction(g.ready, p.delays.Sum)),
		}})
	}
	return f
}

// causes says what the processors did meanwhile.
func (p *pass) causes() string {
	parts := []string{fmt.Sprintf("While goroutines waited for a processor, %.1f of %d processors ran goroutines of the program.", finding.Fraction(p.ran, p.busy), p.tr.MaxProcs)}
	for _, c := range [...]struct {
		nanos int64
		text  string
	}{{p.inMark, "the garbage collector was marking"}, {p.inStop, "the world was stopped"}, {p.idle, "a processor was free, but neither the runtime nor the operating system had started one of them on it"}} {
		if share := finding.Fraction(c.nanos, p.readyAll); share >= 0.01 {
			parts = append(parts, fmt.Sprintf("During %s of that time %s.", finding.FormatShare(share), c.text))
		}
	}
	return strings.Join(parts, " ")
}

func (p *pass) fix() string {
	switch {
	case finding.Fraction(p.inMark, p.readyAll) >= causeShare:
		return "the garbage collector takes a quarter of the processors while it marks, and makes goroutines assist: allocate less, or raise GOGC or GOMEMLIMIT so that it marks less often"
	case finding.Fraction(p.inStop, p.readyAll) >= causeShare:
		return "find what stops the world: profiles, goroutine dumps, GOMAXPROCS changes and debug.FreeOSMemory do"
	case finding.Fraction(p.idle, p.readyAll) >= causeShare:
		return "the program had free processors but no CPU core: the machine is busy with other programs, or a CPU limit throttles this one; set GOMAXPROCS to what it really has"
	}
	return "more goroutines want to run than there are processors: bound the number of goroutines that compute, split long computations into smaller pieces, or add processors"
}

func (p *pass) sorted() []*group {
	all := make([]*group, 0, len(p.groups))
	for _, g := range p.groups {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.ready, a.ready), cmp.Compare(a.entry, b.entry))
	})
	return all
}
