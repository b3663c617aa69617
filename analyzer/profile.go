package analyzer

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// maxHotspots bounds the places of one profile in a report. A stack below the
// fiftieth has never been the answer, and the whole profile is still at hand.
const maxHotspots = 50

// compared is what counts by places, and the base's that it is compared with, nil if
// there is none.
type compared struct {
	format.Counted
	base *profile.Profile
}

// addCounts adds a list of the places to the report, compared with the base if there is
// one.
func (a *analysis) addCounts(c format.Counted) {
	base := a.base.of(c.Profile)
	a.counts = append(a.counts, compared{c, base})
	if !c.Brief || base != nil {
		summary := summarise(c.Profile, base, a.rep)
		summary.Cause = c.Cause
		a.rep.Summary.Profiles = append(a.rep.Summary.Profiles, summary)
	}
	if c.Kind != profile.DumpKind {
		warnProfile(c.Profile, a.rep)
	}
}

// judgeCounts returns the findings of the profiles, then those of the dumps, which know
// less. A trace among the inputs is usually of the same process, and says how long that
// ran at least.
func (a *analysis) judgeCounts() (found []finding.Finding) {
	for _, sched := range a.rep.Summary.Schedules {
		for _, c := range a.counts {
			c.AtLeastNanos = max(c.AtLeastNanos, sched.WallNanos)
		}
	}
	for _, dumps := range []bool{false, true} {
		for _, c := range a.counts {
			if (c.Kind == profile.DumpKind) == dumps {
				found = append(found, c.Judge(format.Context{Base: c.base, Watches: a.watches})...)
			}
		}
	}
	return found
}

func summarise(p, base *profile.Profile, rep *finding.Report) finding.Profile {
	spots, internal, total := p.Spots()
	out := finding.Profile{Input: p.Input, Kind: string(p.Kind), TotalCount: total.Count, TotalNanos: total.Nanos}
	pairs := make([]profile.Pair, len(spots))
	for i, s := range spots {
		pairs[i].Now = s
	}
	if base != nil {
		var scale profile.Scale
		pairs, scale = profile.Diff(p, base)
		out.Base = base.Input
		rep.Warn(p.Input, "compared with %s: %s", base.Input, scale.Text)
	}
	if cut := len(pairs) - maxHotspots; cut > 0 {
		rep.Warn(p.Input, "%d more places with little weight are not listed", cut)
		pairs = pairs[:maxHotspots]
	}
	for _, pair := range pairs {
		out.Hotspots = append(out.Hotspots, hotspot(pair, total))
	}
	for _, s := range internal {
		out.Runtime = append(out.Runtime, hotspot(profile.Pair{Now: s}, total))
	}
	return out
}

func hotspot(pair profile.Pair, total profile.Total) finding.Hotspot {
	h := finding.Hotspot{Change: pair.Change}
	if s := pair.Base; s != nil {
		h.Role, h.Stack, h.BaseCount, h.BaseNanos = string(s.Role), s.Stack, s.Count, s.Nanos
	}
	if s := pair.Now; s != nil {
		h.Role, h.Stack, h.Share = string(s.Role), s.Stack, s.Share(total)
		h.Count, h.Nanos, h.MeanNanos, h.OldestMinutes = s.Count, s.Nanos, s.Mean(), s.OldestMinutes
	}
	return h
}

// warnProfile says what the reader of the numbers must know about them.
func warnProfile(p *profile.Profile, rep *finding.Report) {
	switch {
	case len(p.Samples) > 0:
	case p.Kind == profile.GoroutineKind:
		rep.Warn(p.Input, "the profile is empty: it was taken from a program that had ended, or was filtered")
	case p.Kind == profile.LeakKind:
		rep.Warn(p.Input, "the profile is empty: the garbage collector found no goroutine that nothing can wake")
	case p.IsCustom():
		rep.Warn(p.Input, "the profile is empty: nothing of its kind was there")
	default:
		rep.Warn(p.Input, "the profile is empty: nothing waited, or profiling was off: call runtime.SetMutexProfileFraction(1) for mutex "+
			"and runtime.SetBlockProfileRate(10_000) for block profiles")
	}
	if p.Fraction > 1 {
		rep.Warn(p.Input, "every count is a multiple of %d: one contention in %d was sampled (SetMutexProfileFraction), "+
			"and the runtime has already multiplied the values; small ones are guesses", p.Fraction, p.Fraction)
	}
}
