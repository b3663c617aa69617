package analyzer

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// corroborate adds the findings of profiles and dumps to the report, in this order. Where
// an earlier source has a finding of the same family at the same line, it knows more (a
// trace: which goroutine waited for which, and why; a profile: for how long in all), and
// the later finding becomes evidence of the earlier one. Of two findings of one rule, or
// about goroutines that wait without end, the more certain and the more severe judgement
// holds: what a trace suspects, the garbage collector may have seen. Numbers are those of
// the first source, since all count the same goroutines.
//
// Findings without a place, such as deadlocks, are the same if their fingerprints
// are; Report.Normalize joins those.
func corroborate(rep *finding.Report, later []finding.Finding) {
	for _, f := range later {
		i := sameDefect(rep.Findings, &f)
		if i < 0 {
			rep.Findings = append(rep.Findings, f)
			continue
		}
		same := &rep.Findings[i]
		same.Evidence = append(slices.Clip(same.Evidence), f.Evidence...)
		if same.Rule == f.Rule || isHang(same.Rule) && isHang(f.Rule) {
			same.Certainty = certaintyWith(same, &f)
			same.Severity = max(same.Severity, f.Severity)
		}
	}
}

// certaintyWith is the certainty of a finding with the evidence of another about the same
// place. If nothing alive can reach what goroutines wait for, they are proven to be stuck.
// It is also proven that no other goroutine will release a lock, so that the one that
// ended with it has abandoned it; but not which one that was, where a trace leaves it
// open. Other findings about goroutines that wait there without end name no cause.
func certaintyWith(f, other *finding.Finding) finding.Certainty {
	proven := other.Rule == finding.RuleGoroutineLeak && other.Certainty == finding.Observed
	switch {
	case f.Rule == other.Rule:
		return max(f.Certainty, other.Certainty)
	case proven && (f.Rule == finding.RuleStuck || f.Rule == finding.RuleAbandonedLock && f.Certainty == finding.Potential):
		return finding.Observed
	}
	return f.Certainty
}

// support adds to each leak what goroutine profiles and dumps count at its line. Alone, a
// pile may be too small to be distinguished from a pool, and makes no finding there.
func support(rep *finding.Report, seen []compared) {
	for i := range rep.Findings {
		f := &rep.Findings[i]
		if !isHang(f.Rule) || len(f.Places) == 0 {
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

// isHang reports whether the rule is about goroutines that wait without end. Such rules
// name different causes, as far as their source knows them; about one line they are one
// defect.
func isHang(rule finding.RuleID) bool {
	return rule == finding.RuleGoroutineLeak || rule == finding.RuleStuck || rule == finding.RuleAbandonedLock
}

// createdRole is the role of a place that says where a goroutine comes from: two defects
// may share it.
const createdRole = "created here"

// sameDefect returns the index of the finding of another source about f's site, one of f's
// own rule before another of its family, or -1.
func sameDefect(known []finding.Finding, f *finding.Finding) int {
	if len(f.Places) == 0 {
		return -1
	}
	site := f.Places[0].Stack.Site()
	best := -1
	for i := range known {
		at := func(p finding.Place) bool { return p.Role != createdRole && sameLine(p.Stack.Site(), site) }
		if !related(known[i].Rule, f.Rule) || sharesOrigin(&known[i], f) || !slices.ContainsFunc(known[i].Places, at) {
			continue
		}
		if known[i].Rule == f.Rule {
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
	return a.Line == b.Line && a.Position() == b.Position() && a.Function() == b.Function()
}

// related reports whether rules of two sources may be about one defect.
func related(a, b finding.RuleID) bool {
	return familyOf(a) == familyOf(b) || isHang(a) && isHang(b)
}

// sharesOrigin reports whether both come from one input, whose findings are never the same
// defect. Evidence that joined later does not matter: where a trace has one finding, a
// profile may have one for each way to the line.
func sharesOrigin(a, b *finding.Finding) bool {
	return len(a.Evidence) > 0 && len(b.Evidence) > 0 && a.Evidence[0].Source == b.Evidence[0].Source
}

func familyOf(id finding.RuleID) finding.Family {
	rule, _ := finding.LookupRule(id) // an unknown rule is of no family
	return rule.Family
}
