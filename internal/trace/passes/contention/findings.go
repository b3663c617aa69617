package contention

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// finish writes the findings: first the causes, then the waits. Where a cause is
// known, the waits themselves are only information.
func (p *pass) finish(rep *finding.Report) {
	all := p.diagnose()
	p.addLocks(rep, all)
	for _, d := range all {
		if len(d.waits) == 0 || !d.matters(d.delays.Sum) {
			continue
		}
		before := len(rep.Findings)
		if d.users() && d.kind != once {
			rep.Findings = append(rep.Findings, d.blocking()...)
			if f, ok := d.coarse(); ok {
				rep.Findings = append(rep.Findings, f)
			}
			rep.Findings = append(rep.Findings, d.shapes(len(rep.Findings) > before)...)
		}
		if f, ok := d.contention(len(rep.Findings) > before); ok {
			rep.Findings = append(rep.Findings, f)
		}
	}
}

// contention says which goroutines waited for which. explained says that another finding names
// the cause.
func (d *diagnosis) contention(explained bool) (finding.Finding, bool) {
	if d.pressure() < minPressure && !explained {
		return finding.Finding{}, false
	}
	f := finding.Finding{
		Rule:      finding.RuleContention,
		Certainty: finding.Observed,
		Severity:  finding.Warning,
		Title:     d.contentionTitle(),
		Resources: []finding.Resource{d.resource()},
		Places:    append(d.waitPlaces(), d.holdPlaces("holds it until here")...),
		Measures: []finding.Measure{
			finding.Duration("waits", d.delays.Sum), finding.Number("times", d.delays.Count),
			finding.Duration("p50", d.delays.Quantile(0.5)), finding.Duration("p95", d.delays.Quantile(0.95)), finding.Duration("max", d.delays.Max),
			finding.Share("of the goroutines' time", d.pressure()),
		},
		Pairs:      d.pairsOf(),
		Histograms: []finding.Histogram{d.delays.Buckets("waits")},
		Series:     []finding.Series{d.when.Level("waiting", d.p.tr.Now)},
		LostNanos:  d.delays.Sum,
		Evidence:   d.evidence(),
		Fix:        d.contentionFix(),
	}
	if d.hold.Count >= fewHolds {
		f.Measures = append(f.Measures, finding.Duration("hold p50", d.hold.Quantile(0.5)))
	}
	if finding.Fraction(d.handover, d.delays.Sum) >= minorShare {
		f.Measures = append(f.Measures, finding.Duration("next holder had no processor", d.handover))
	}
	if explained || !d.users() || d.starved() {
		f.Severity = finding.Info
	}
	if d.open > 0 {
		f.Detail = finding.Plural(d.open, "wait") + " had not ended when the trace did."
		if g, text, known := d.holder(); known {
			f.Detail += " " + text
			f.Goroutines = append(f.Goroutines, g)
		}
	}
	f.Measures = append(f.Measures, d.halvedMeasures()...)
	return f, true
}

func (d *diagnosis) contentionTitle() string {
	waiter := d.p.site(d.waits[0].stack)
	title := fmt.Sprintf("goroutines wait %s in total at %s for %s", finding.FormatDuration(d.delays.Sum), waiter, d.noun())
	if len(d.holds) == 0 || d.holds[0].nanos == 0 {
		return title
	}
	holder := d.p.site(d.holds[0].stack)
	if holder.Func == waiter.Func {
		return title + fmt.Sprintf(" that other calls hold until line %d", holder.Line)
	}
	return title + fmt.Sprintf(" that is held until %s", holder)
}

func (d *diagnosis) contentionFix() string {
	switch {
	case d.kind == once:
		return "initialize before the goroutines start, or make the initialization cheaper: all of them wait for the first"
	case !d.users():
		return fmt.Sprintf("the lock belongs to the standard library: call %s from fewer goroutines at a time, or give each goroutine an object of its own", d.p.site(d.waits[0].stack).ShortFunc())
	case len(d.holds) == 0 || d.holds[0].nanos == 0:
		return "find the goroutine that holds the lock when the trace ends: it was not released before"
	}
	if d.starved() {
		return fmt.Sprintf("the section is short; most of the delay is from the unlock until the woken goroutine gets a processor: "+
			"run fewer goroutines at a time (GOMAXPROCS is %d)", d.p.tr.MaxProcs)
	}
	holder := d.p.site(d.holds[0].stack)
	fix := fmt.Sprintf("in %s, move all that needs no protection out of the section that ends at %s", holder.ShortFunc(), holder.Position())
	if d.several() {
		return fix + "; the lock has several instances: spread the load over more of them"
	}
	return fix + "; if all of it needs protection, give independent parts of the data locks of their own"
}

func (d *diagnosis) evidence() []finding.Evidence {
	return []finding.Evidence{{
		Source: d.p.tr.Input,
		Text: fmt.Sprintf("%s in %s, each with the unlock that ended it; a wait within a wait is charged to the goroutine that caused it",
			finding.Plural(d.delays.Count, "wait"), finding.FormatDuration(d.p.tr.Now)),
	}}
}
