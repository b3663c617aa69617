package loop

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// saturatedShare of its time away from home, over saturatedNanos, is saturation. A
	// shorter trace makes a suspicion, from shortNanos on.
	saturatedShare = 0.95
	saturatedNanos = 10_000_000_000
	shortNanos     = 1_000_000_000
	// manyTrips distinguishes a loop from a goroutine that works off a few large jobs.
	manyTrips = 100
	// keptShare: others must have been blocked on the loop's channel for so much of its time.
	keptShare = 0.2
)

// saturated says that a loop gets more than it can do: it was hardly ever at home, and
// others were blocked on its channels.
func (p *pass) saturated(s subject, l *life, w work) (finding.Finding, bool) {
	tr, busy, span := p.tr, w.busy, w.span()
	switch {
	case span < shortNanos, l.trips.count < manyTrips, finding.Fraction(busy, span) < saturatedShare:
		return finding.Finding{}, false
	case finding.Fraction(l.kept, span) < keptShare:
		return finding.Finding{}, false
	}
	f := finding.Finding{
		Rule: finding.RuleLoopSaturated, Certainty: finding.Suspected, Severity: finding.Warning,
		Title: fmt.Sprintf("the event loop %s is busy for %s of %s; senders are blocked on its channel for %s",
			s.title, finding.FormatShare(finding.Fraction(busy, span)), finding.FormatDuration(span), finding.FormatDuration(l.kept)),
		Resources: []finding.Resource{s.resource},
		Measures: []finding.Measure{
			finding.Share("busy", finding.Fraction(busy, span)), finding.Number("iterations", l.trips.count),
			finding.Duration("iteration p50", l.trips.quantile(0.5)), finding.Duration("p99", l.trips.quantile(0.99)), finding.Duration("max", l.trips.max),
			finding.Duration("others waited for it", l.kept), finding.Share("ran", finding.Fraction(l.running, busy)),
		},
		Histograms: l.trips.iterations(),
		Series:     l.series(tr.Now),
		LostNanos:  l.kept,
		Evidence: []finding.Evidence{{Source: tr.Input, Text: fmt.Sprintf(
			"goroutine %d returned to its wait for events %d times and found the next one there", l.id, l.trips.count)}},
		Fix: finding.RuleLoopSaturated.Fix(),
	}
	switch {
	case s.certain:
		f.Certainty = finding.Observed
	case span >= saturatedNanos:
		f.Certainty = finding.Potential
	}
	if !s.home.Stack.User().IsZero() {
		f.Places = append(f.Places, s.home)
	}
	if l.keeper != 0 {
		f.Places = append(f.Places, finding.Place{Role: "waits for the loop", Stack: tr.Stack(l.keeper).Trim()})
	}
	return f, true
}
