package contention

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// coarseUse and coarsePressure are the map's: a lock waited for during half of the
	// run, at a price of 5 % of the goroutines' time.
	coarseUse      = 0.5
	coarsePressure = 0.05
	// longHold at the 99th percentile of at least fewHolds holds makes a section coarse
	// that is waited for a tenth of the run only.
	longHold = 1_000_000
	longUse  = 0.1
	fewHolds = 10
	// Sections of shortHold have nothing to move out: such a lock is taken too often, not
	// for too long. A low quantile shows it: where others spin in Lock, an unlock wakes
	// none, and several holds look like one.
	shortHold     = 20_000
	shortQuantile = 0.25
	// A lock that is always waited for and costs half of the time serialises the
	// program: that is an error.
	serialUse      = 0.9
	serialPressure = 0.5
	// Where so many of the processors are busy while goroutines wait, there is other
	// work: splitting the lock would not make the program faster.
	busyProcs = 0.85
)

// coarse says that a critical section does too much.
func (d *diagnosis) coarse() (finding.Finding, bool) {
	use, pressure, parallel := d.utilisation(), d.pressure(), d.parallelism()
	long := d.hold.Count >= fewHolds && d.hold.Quantile(0.99) >= longHold && use >= longUse
	switch {
	case use < coarseUse && !long, pressure < coarsePressure:
		return finding.Finding{}, false
	case d.several(), finding.Fraction(d.handover, d.parked) >= mostly, len(d.holds) == 0 || d.holds[0].nanos == 0:
		return finding.Finding{}, false
	case parallel >= busyProcs*float64(d.p.tr.MaxProcs):
		return finding.Finding{}, false
	case d.hold.Count >= fewHolds && d.hold.Quantile(shortQuantile) < shortHold:
		return finding.Finding{}, false
	case finding.Fraction(d.did.blocked(), d.held) >= mostly: // that is for blocking-under-lock to report
		return finding.Finding{}, false
	}
	holder := d.p.site(d.holds[0].stack)
	f := finding.Finding{
		Rule:      finding.RuleCoarseSection,
		Certainty: finding.Observed,
		Severity:  finding.Warning,
		Title: fmt.Sprintf("the section that ends at %s holds %s for which goroutines wait during %s of the run; meanwhile %.1f of %d processors are busy",
			holder, d.noun(), finding.FormatShare(use), parallel, d.p.tr.MaxProcs),
		Detail:    d.holderDoes(),
		Resources: []finding.Resource{d.resource()},
		Places:    append(d.holdPlaces("holds it until here"), d.waitPlaces()...),
		Measures:  d.coarseMeasures(use, pressure, parallel),
		LostNanos: d.delays.Sum,
		Evidence:  d.evidence(),
		Fix: fmt.Sprintf("compute outside the section that ends at %s and keep only the exchange of results under the lock; "+
			"or split the data by key into shards with a lock each", holder.Position()),
	}
	if use >= serialUse && pressure >= serialPressure {
		f.Severity = finding.Error
	}
	return f, true
}

// ceiling is Amdahl's law (Validity of the single processor approach, AFIPS 1967): what
// is done under one lock is done by one goroutine at a time, and while others wait
// for it the lock is held or on its way to the next holder. That time, or the sum of the
// holds that are known if it is more, is the serial part: all else done in no time, the
// run would still take as long.
func (d *diagnosis) ceiling() []finding.Measure {
	serial := min(max(d.busy, d.held), d.p.tr.Now)
	work := max(d.p.running+d.did.blocked(), serial)
	return []finding.Measure{
		finding.Share("serial share of the work", finding.Fraction(serial, work)),
		finding.Rounded("ceiling of the speed-up over one processor (Amdahl)", finding.Fraction(work, serial)),
		finding.Rounded("over this run", finding.Fraction(d.p.tr.Now, serial)),
	}
}

func (d *diagnosis) coarseMeasures(use, pressure, parallel float64) []finding.Measure {
	m := []finding.Measure{
		finding.Share("waited for", use), finding.Share("of the goroutines' time", pressure),
		finding.Rounded("parallelism meanwhile", parallel),
		finding.Duration("waits", d.delays.Sum), finding.Number("times", d.delays.Count),
	}
	m = append(m, d.holderMeasures()...)
	m = append(m, d.ceiling()...)
	m = append(m, d.halvedMeasures()...)
	if d.hold.Count > 0 {
		return append(m, finding.Duration("hold p50", d.hold.Quantile(0.5)), finding.Duration("hold p99", d.hold.Quantile(0.99)))
	}
	return append(m, finding.Duration("held at least", d.atHold))
}
