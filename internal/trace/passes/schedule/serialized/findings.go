package serialized

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// contendedShare: a lock that is waited for half of the time is how the program
	// runs. minContended keeps start-ups out: five time slices of the scheduler.
	contendedShare = 0.5
	minContended   = 50_000_000
	// aboutOne: with one holder and the others parked, the mean is below one by the
	// hand-overs and above it by what others do outside the lock.
	aboutOneLow  = 0.6
	aboutOneHigh = 1.25
	// minDemand is how many must want to run: two, less the hand-overs.
	minDemand = 1.75
	// partnerShare of the running time must belong to goroutines that pass the lock on.
	partnerShare = 0.8
	// topPlaces bounds the lines shown; minorShare leaves out what hardly waits.
	topPlaces  = 3
	minorShare = 0.1
)

func (p *pass) finish(rep *finding.Report) {
	if p.isSerialized() {
		rep.Findings = append(rep.Findings, p.finding())
	}
}

func (p *pass) isSerialized() bool {
	ran := finding.Fraction(p.ranThen, p.contended)
	switch {
	case p.tr.MaxProcs < 2, len(p.waits) == 0:
		return false
	case p.contended < minContended, finding.Fraction(p.contended, p.tr.Now) < contendedShare:
		return false
	case ran < aboutOneLow, ran > aboutOneHigh, p.demand() < minDemand:
		return false
	}
	return finding.Fraction(p.partnersThen, p.ranThen) >= partnerShare
}

// demand is how many goroutines wanted to run on average while one waited.
func (p *pass) demand() float64 { return finding.Fraction(p.ranThen+p.readyThen+p.stood, p.contended) }

func (p *pass) finding() finding.Finding {
	waits := p.sorted()
	top := p.tr.Frame(p.tr.Site(waits[0].stack)).Frame
	scale, fitted := fit(p.levels[:], p.tr.MaxProcs)
	ran, possible := finding.Fraction(p.ranThen, p.contended), min(float64(p.tr.MaxProcs), p.demand())
	f := finding.Finding{
		Rule:      finding.RuleSerialized,
		Certainty: finding.Observed,
		Severity:  finding.Warning,
		Title: fmt.Sprintf("%.1f goroutines want to run, and %.1f of %d processors are used: the goroutines pass the lock at %s one at a time",
			p.demand(), ran, p.tr.MaxProcs, top),
		Detail: fmt.Sprintf("Goroutines waited for a lock during %s of the trace. Goroutines that pass it on account for %s of all running time meanwhile.",
			finding.FormatShare(finding.Fraction(p.contended, p.tr.Now)), finding.FormatShare(finding.Fraction(p.partnersThen, p.ranThen))),
		Resources: []finding.Resource{{Kind: waits[0].reason.ResourceKind()}},
		Places:    p.places(waits),
		Measures: []finding.Measure{
			finding.Rounded("wanted to run", p.demand()), finding.Rounded("parallelism meanwhile", ran), finding.Number("processors", p.tr.MaxProcs),
			finding.Share("of the trace", finding.Fraction(p.contended, p.tr.Now)), finding.Rounded("possible speed-up", possible/ran),
		},
		LostNanos: p.stood,
		Evidence: []finding.Evidence{{Source: p.tr.Input, Text: fmt.Sprintf(
			"goroutines waited for a lock during %s of %s", finding.FormatDuration(p.contended), finding.FormatDuration(p.tr.Now))}},
		Fix: fmt.Sprintf("move the computation out of the section that begins at %s, give each goroutine its own part and join once at the end, "+
			"or shard the data by key; if the work is sequential by nature, one goroutine is simpler and faster", top.Position()),
	}
	if fitted {
		f.Measures = append(f.Measures, scale.measures()...)
	}
	return f
}

// sorted returns the lines that wait, most first, minor ones left out.
func (p *pass) sorted() []*wait {
	all := make([]*wait, 0, len(p.waits))
	var sum int64
	for _, w := range p.waits {
		all = append(all, w)
		sum += w.nanos
	}
	slices.SortFunc(all, func(a, b *wait) int {
		return cmp.Or(cmp.Compare(b.nanos, a.nanos), cmp.Compare(a.stack, b.stack))
	})
	n := 1
	for n < len(all) && n < topPlaces && finding.Fraction(all[n].nanos, sum) >= minorShare {
		n++
	}
	return all[:n]
}

func (p *pass) places(waits []*wait) []finding.Place {
	var places []finding.Place
	for _, w := range waits {
		places = append(places, finding.Place{Role: "waits here", Stack: p.tr.Stack(w.stack).Trim(), Measures: []finding.Measure{
			{Name: "waits", Value: float64(w.nanos), Unit: finding.Nanos}, finding.Number("times", w.count),
		}})
	}
	best := stream.StackID(0)
	for id, n := range p.wakes {
		if n > p.wakes[best] || n == p.wakes[best] && id < best {
			best = id
		}
	}
	if best != 0 {
		places = append(places, finding.Place{Role: "passes it on here", Stack: p.tr.Stack(best).Trim()})
	}
	return places
}
