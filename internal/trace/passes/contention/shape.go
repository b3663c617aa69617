package contention

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// A convoy: at least convoyQueue goroutines queue on average, half of the
	// wakes come from one that was queued itself, and a wait is convoyRatio times
	// as long as a hold, which is convoyHold at most: longer ones would be the cause. The
	// line is there for convoyUse of the run, and was passed through convoyTurns times:
	// many goroutines that start together make one long line once, and are through.
	convoyQueue = 2
	convoyUse   = 0.2
	convoyTurns = 20
	convoyRatio = 10
	convoyHold  = 100_000
	// hotHold is how long "one word" is held at most, as a trace shows it: 100 ns, with
	// the woken goroutine's first steps and the events themselves. hotLines is how far
	// its Unlock may be from its Lock.
	hotHold  = 2_000
	hotLines = 2
	// hotWaits in all and hotRate a second: a few waits behind a holder that the system
	// took the core from are no fault of the program.
	hotWaits = 200
	hotRate  = 500
	// nearlyAll of something.
	nearlyAll = 0.9
	// starvedWait is a writer's median wait that is noticed, starvedBy the share
	// of the writers' waiting that readers are to blame for.
	starvedWait = 1_000_000
	starvedBy   = 0.8
	// readsPerWrite reads must be stopped by each write.
	readsPerWrite = 10
)

// shapes returns the findings that follow from how waits and holds are distributed:
// their cause is not what a holder does but how the lock is used. Where a holder is to
// blame, explained, that writers wait for readers is a remark and the rest is not said.
func (d *diagnosis) shapes(explained bool) []finding.Finding {
	if explained {
		f, ok := d.starvation()
		if !ok {
			return nil
		}
		f.Severity = finding.Info
		return []finding.Finding{d.complete(f)}
	}
	var found []finding.Finding
	for _, shape := range [...]func() (finding.Finding, bool){d.convoy, d.hotCounter, d.starvation, d.readMostly} {
		if f, ok := shape(); ok {
			found = append(found, d.complete(f))
		}
	}
	return found
}

func (d *diagnosis) complete(f finding.Finding) finding.Finding {
	f.Resources = []finding.Resource{d.resource()}
	f.Places = append(d.waitPlaces(), d.holdPlaces("holds it until here")...)
	f.Evidence = d.evidence()
	return f
}

// queue is how many goroutines were queued on average while some were.
func (d *diagnosis) queue() float64 { return finding.Fraction(d.parked, d.busy) }

// saturated reports whether the processors had other work while goroutines waited.
func (d *diagnosis) saturated() bool { return d.parallelism() >= busyProcs*float64(d.p.tr.MaxProcs) }

// convoy finds a queue that keeps itself alive: each pass costs a change of goroutine,
// which takes longer than the section, so that the next ones come before it is empty.
func (d *diagnosis) convoy() (finding.Finding, bool) {
	hold, wait := d.hold.Quantile(0.5), d.delays.Quantile(0.5)
	chained := finding.Fraction(d.chained, d.woken)
	switch {
	case d.hold.Count < fewHolds, hold > convoyHold, wait < convoyRatio*max(hold, 1):
		return finding.Finding{}, false
	case d.queue() < convoyQueue, chained < mostly, d.pressure() < coarsePressure:
		return finding.Finding{}, false
	case d.utilisation() < convoyUse, float64(d.woken) < convoyTurns*d.queue():
		return finding.Finding{}, false
	case d.several(), d.saturated(), finding.Fraction(d.did.blocked(), d.held) >= mostly:
		return finding.Finding{}, false
	}
	return finding.Finding{
		Rule: finding.RuleConvoy, Certainty: finding.Observed, Severity: finding.Warning,
		Title: fmt.Sprintf("%.1f goroutines on average queue for %s that is held for %s at a time: each hand-over goes through the scheduler",
			d.queue(), d.noun(), finding.FormatDuration(hold)),
		Measures: append([]finding.Measure{
			finding.Rounded("in line", d.queue()), finding.Share("woken by one that stood in line", chained), finding.Duration("hold p50", hold), finding.Duration("wait p50", wait),
			finding.Duration("waits", d.delays.Sum), finding.Duration("next holder had no processor", d.handover), finding.Rounded("parallelism meanwhile", d.parallelism()),
		}, d.halvedMeasures()...),
		LostNanos: d.delays.Sum,
		Fix: fmt.Sprintf("acquire the lock less often: collect in each goroutine and merge once per batch, or give each goroutine a shard; "+
			"fewer goroutines at a time at %s shorten the queue at no cost", d.p.site(d.waits[0].stack).Position()),
	}, true
}

// hotCounter finds a lock around so little that the lock itself is the work.
func (d *diagnosis) hotCounter() (finding.Finding, bool) {
	hold := d.hold.Quantile(0.5)
	switch {
	case d.kind != mutex, d.hold.Count < fewHolds, hold > hotHold, d.pressure() < minPressure:
		return finding.Finding{}, false
	case d.delays.Count < hotWaits, finding.Fraction(d.delays.Count*int64(time.Second), d.p.tr.Now) < hotRate:
		return finding.Finding{}, false
	case d.several(), !d.isOneStatement():
		return finding.Finding{}, false
	}
	at := d.p.site(d.waits[0].stack)
	return finding.Finding{
		Rule: finding.RuleHotCounter, Certainty: finding.Potential, Severity: finding.Warning,
		Title: fmt.Sprintf("goroutines wait %s in total at %s for %s that protects a line or two", finding.FormatDuration(d.delays.Sum), at, d.noun()),
		Measures: []finding.Measure{
			finding.Duration("hold p50", hold), finding.Duration("waits", d.delays.Sum), finding.Number("times", d.delays.Count), finding.Share("of the goroutines' time", d.pressure()),
		},
		LostNanos: d.delays.Sum,
		Fix: fmt.Sprintf("make the word that changes after %s a sync/atomic value; if that is contended too, "+
			"count in one shard per goroutine and sum the shards when reading", at.Position()),
	}, true
}

// isOneStatement reports whether all Lock and Unlock lines that matter lie next to each
// other, in one function each.
func (d *diagnosis) isOneStatement() bool {
	for _, h := range d.holds {
		if finding.Fraction(h.nanos, d.blamed) < minorShare && h.nanos < d.holds[0].nanos {
			continue
		}
		u := d.p.tr.Frame(d.p.tr.Site(h.stack))
		near := false
		for _, w := range d.waits {
			l := d.p.tr.Frame(d.p.tr.Site(w.stack))
			near = near || l.Func == u.Func && u.Line > l.Line && u.Line-l.Line <= hotLines
		}
		if !near {
			return false
		}
	}
	return len(d.holds) > 0
}

// starvation finds writers of an RWMutex that wait for readers nearly all of the time.
// A waiting writer keeps new readers out, so that they all wait for the slowest one.
func (d *diagnosis) starvation() (finding.Finding, bool) {
	writers, byReaders := d.modeWaits(false)
	if d.kind != rwmutex || writers.Count < fewHolds || writers.Quantile(0.5) < starvedWait || !d.matters(writers.Sum) || finding.Fraction(byReaders, writers.Sum) < starvedBy {
		return finding.Finding{}, false
	}
	if d.writerHold()*2 > writers.Quantile(0.5) {
		return finding.Finding{}, false
	}
	readers, _ := d.modeWaits(true)
	return finding.Finding{
		Rule: finding.RuleWriterStarvation, Certainty: finding.Observed, Severity: finding.Warning,
		Title: fmt.Sprintf("writers wait %s in total for readers of an RWMutex, %s at the median, and then hold it for %s",
			finding.FormatDuration(byReaders), finding.FormatDuration(writers.Quantile(0.5)), finding.FormatDuration(d.writerHold())),
		Detail: fmt.Sprintf("A waiting writer keeps new readers out: these waited %s meanwhile.", finding.FormatDuration(readers.Sum)),
		Measures: []finding.Measure{
			finding.Duration("writers wait", writers.Sum), finding.Number("times", writers.Count), finding.Duration("p50", writers.Quantile(0.5)), finding.Duration("p95", writers.Quantile(0.95)),
			finding.Share("for readers", finding.Fraction(byReaders, writers.Sum)), finding.Duration("readers wait", readers.Sum),
		},
		LostNanos: writers.Sum + readers.Sum,
		Fix:       finding.RuleWriterStarvation.Fix(),
	}, true
}

// readMostly finds a lock at which many readers wait for few writers.
func (d *diagnosis) readMostly() (finding.Finding, bool) {
	if d.pressure() < coarsePressure || d.saturated() || finding.Fraction(d.did.blocked(), d.held) >= mostly {
		return finding.Finding{}, false
	}
	switch d.kind {
	case rwmutex:
		return d.readMostlyRW()
	case mutex:
		return d.readMostlyMutex()
	}
	return finding.Finding{}, false
}

func (d *diagnosis) readMostlyRW() (finding.Finding, bool) {
	readers, byReaders := d.modeWaits(true)
	var writes int64
	for _, h := range d.holds {
		if !d.p.classes.lines[h.unlock].read {
			writes += h.count
		}
	}
	if finding.Fraction(readers.Sum, d.delays.Sum) < nearlyAll || byReaders > 0 || writes == 0 || finding.Fraction(readers.Count, writes) < readsPerWrite {
		return finding.Finding{}, false
	}
	return finding.Finding{
		Rule: finding.RuleReadMostly, Certainty: finding.Potential, Severity: finding.Warning,
		Title:     fmt.Sprintf("each of %d writes blocks %.0f readers of an RWMutex, for %s in total", writes, finding.Fraction(readers.Count, writes), finding.FormatDuration(readers.Sum)),
		Measures:  []finding.Measure{finding.Duration("readers wait", readers.Sum), finding.Number("reads stopped", readers.Count), finding.Number("writes", writes), finding.Duration("p95", readers.Quantile(0.95))},
		LostNanos: readers.Sum,
		Fix:       finding.RuleReadMostly.Fix(),
	}, true
}

// readMostlyMutex goes by names: a trace does not distinguish reading from writing.
func (d *diagnosis) readMostlyMutex() (finding.Finding, bool) {
	var reading, blamed int64
	for _, w := range d.waits {
		if reads(d.p.site(w.stack).Func) {
			reading += w.nanos
		}
	}
	for _, h := range d.holds {
		if reads(d.p.site(h.stack).Func) {
			blamed += h.nanos
		}
	}
	if finding.Fraction(reading, d.delays.Sum) < nearlyAll || finding.Fraction(blamed, d.blamed) < nearlyAll {
		return finding.Finding{}, false
	}
	return finding.Finding{
		Rule: finding.RuleReadMostly, Certainty: finding.Suspected, Severity: finding.Info,
		Title:     fmt.Sprintf("functions that seem only to read wait %s for each other at %s, as in %s", finding.FormatDuration(reading), d.noun(), d.p.site(d.waits[0].stack)),
		Detail:    "That they only read is inferred from their names.",
		Measures:  []finding.Measure{finding.Duration("waits", d.delays.Sum), finding.Share("in functions that seem to read", finding.Fraction(reading, d.delays.Sum))},
		LostNanos: d.delays.Sum,
		Fix: "if they only read, let them read-lock an RWMutex where a read takes microseconds or longer; " +
			"for shorter reads publish an immutable value with an atomic.Pointer",
	}, true
}

// readingWords begin the names of functions that read, as a rule.
var readingWords = [...]string{"get", "load", "lookup", "find", "has", "is", "contains", "list", "len", "count", "read", "peek", "snapshot", "view", "search", "query"}

// reads reports whether the function's name begins with such a word.
func reads(function string) bool {
	name := function[strings.LastIndexByte(function, '.')+1:]
	for _, word := range readingWords {
		if len(name) < len(word) || !strings.EqualFold(name[:len(word)], word) {
			continue
		}
		if rest := name[len(word):]; rest == "" || !unicode.IsLower(rune(rest[0])) {
			return true
		}
	}
	return false
}
