package analyzer

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// corroborate adds what the profiles say to the report. Where a trace already
// tells of the same family of disease at the same line, it tells more than a
// profile can (who waited for whom, and why), so the profile becomes evidence
// there and no finding of its own.
func corroborate(rep *finding.Report, profiled []finding.Finding) {
	told := len(rep.Findings)
	for _, f := range profiled {
		if i := sameStory(rep.Findings[:told], &f); i >= 0 {
			same := &rep.Findings[i]
			same.Evidence = append(same.Evidence, f.Evidence...)
		} else {
			rep.Findings = append(rep.Findings, f)
		}
	}
}

// sameStory returns the index of the finding that tells of f's site, one of f's own
// rule before another of its family, or -1.
func sameStory(told []finding.Finding, f *finding.Finding) int {
	site := f.Places[0].Stack.Site()
	family := familyOf(f.Rule)
	best := -1
	for i := range told {
		at := func(p finding.Place) bool { return p.Stack.Site() == site }
		if familyOf(told[i].Rule) != family || !slices.ContainsFunc(told[i].Places, at) {
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

func familyOf(id string) string {
	rule, _ := finding.LookupRule(id) // an unknown rule is of no family
	return rule.Family
}
