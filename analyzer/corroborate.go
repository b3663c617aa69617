package analyzer

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/internal/profile"
)

// corroborate adds what profiles and dumps say to the report, in this order. Where
// a source before tells of the same family of disease at the same line, it tells
// more (a trace: who waited for whom, and why; a profile: for how long in all), so
// that the later source becomes evidence there and no finding of its own. Of one
// rule the surer and the worse judgement holds: what a trace suspects, the garbage
// collector may have seen.
//
// Findings without a place, such as deadlocks, are the same if their fingerprints
// are; Report.Normalize joins those.
func corroborate(rep *finding.Report, later []finding.Finding) {
	for _, f := range later {
		i := sameStory(rep.Findings, &f)
		if i < 0 {
			rep.Findings = append(rep.Findings, f)
			continue
		}
		same := &rep.Findings[i]
		same.Evidence = append(slices.Clip(same.Evidence), f.Evidence...)
		if same.Rule == f.Rule {
			same.Certainty = max(same.Certainty, f.Certainty)
			same.Severity = max(same.Severity, f.Severity)
		}
	}
}

// support adds to each leak what goroutine profiles and dumps count at its line. On its
// own a pile may be too small to be told from a pool, and makes no finding there.
func support(rep *finding.Report, seen []*profile.Profile) {
	for i := range rep.Findings {
		f := &rep.Findings[i]
		if f.Rule != leakRule || len(f.Places) == 0 {
			continue
		}
		site := f.Places[0].Stack.Site()
		for _, p := range seen {
			from := func(e finding.Evidence) bool { return e.Source == p.Input }
			if slices.ContainsFunc(f.Evidence, from) {
				continue
			}
			if e, ok := p.At(func(s finding.Frame) bool { return sameLine(s, site) }); ok {
				f.Evidence = append(slices.Clip(f.Evidence), e)
			}
		}
	}
}

const leakRule = "goroutine-leak"

// createdRole is the role of a place that says where a goroutine comes from: two
// diseases may share it.
const createdRole = "created here"

// sameStory returns the index of the finding of another source that tells of f's
// site, one of f's own rule before another of its family, or -1.
func sameStory(told []finding.Finding, f *finding.Finding) int {
	if len(f.Places) == 0 {
		return -1
	}
	site := f.Places[0].Stack.Site()
	family := familyOf(f.Rule)
	best := -1
	for i := range told {
		at := func(p finding.Place) bool { return p.Role != createdRole && sameLine(p.Stack.Site(), site) }
		if familyOf(told[i].Rule) != family || sharesSource(&told[i], f) || !slices.ContainsFunc(told[i].Places, at) {
			continue
		}
		if told[i].Rule == f.Rule {
			return i
		}
		if best < 0 {
			best = i
		}
	}
	return best
}

// sameLine compares without the directory, which depends on how the program was built.
func sameLine(a, b finding.Frame) bool {
	return a.Func == b.Func && a.Line == b.Line && a.Position() == b.Position()
}

// sharesSource reports whether both rest on one input: it would not count a disease
// twice by mistake.
func sharesSource(a, b *finding.Finding) bool {
	return slices.ContainsFunc(a.Evidence, func(e finding.Evidence) bool {
		return slices.ContainsFunc(b.Evidence, func(o finding.Evidence) bool { return e.Source == o.Source })
	})
}

func familyOf(id string) string {
	rule, _ := finding.LookupRule(id) // an unknown rule is of no family
	return rule.Family
}
