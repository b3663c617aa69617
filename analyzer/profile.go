package analyzer

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/load"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// maxHotspots bounds the places of one profile in a report. A stack below the
// fiftieth has never been the answer, and the whole profile is still at hand.
const maxHotspots = 50

// compared is a profile and what it is compared with, nil if nothing.
type compared struct{ now, base *profile.Profile }

// judgeProfiles returns the findings of the profiles. A trace that comes along is of
// the same process as a rule, and tells how long that ran at least.
func (a *analysis) judgeProfiles() []finding.Finding {
	var found []finding.Finding
	for _, c := range a.profiles {
		for _, sched := range a.rep.Summary.Schedules {
			c.now.AtLeastNanos = max(c.now.AtLeastNanos, sched.WallNanos)
		}
		found = append(found, c.now.Findings(c.base)...)
	}
	return found
}

// profile adds a profile's hotspots and findings, compared with its base if there is one.
func (a *analysis) profile(in *load.Input) error {
	p, err := profile.Read(in)
	if err != nil {
		return err
	}
	base := a.base.of(p)
	a.seen = append(a.seen, p)
	a.rep.Inputs = append(a.rep.Inputs, finding.Input{
		Name: in.Name, Kind: string(p.Kind), Bytes: in.Bytes(), Events: int64(len(p.Samples)), Nanos: p.DurationNanos,
	})
	a.rep.Summary.Profiles = append(a.rep.Summary.Profiles, summarise(p, base, a.rep))
	a.profiles = append(a.profiles, compared{p, base})
	warnProfile(p, a.rep)
	return nil
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
