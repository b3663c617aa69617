package analyzer

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// absorb makes evidence of what is reported of goroutines of which a finding says why they
// wait: their queues and their number follow from it. A finding goes only if it speaks of
// no more goroutines than wait at its line for that reason.
func absorb(rep *finding.Report) {
	for i := range rep.Findings {
		root := &rep.Findings[i]
		if !explainsWaits(root) {
			continue
		}
		at := waitsBecauseOf(rep, root.Fingerprint)
		if len(at) == 0 {
			continue
		}
		for k := range rep.Findings {
			f := &rep.Findings[k]
			if k == i || !followsFrom(f, at) {
				continue
			}
			addFollowing(root, f)
			if f.Certainty == finding.Observed && f.Rule == finding.RuleGoroutineLeak {
				// The garbage collector has proven that they wait for ever: what is left to doubt is why.
				root.Certainty = max(root.Certainty, finding.Potential)
			}
			f.Rule = absorbed
		}
	}
	rep.Findings = slices.DeleteFunc(rep.Findings, func(f finding.Finding) bool { return f.Rule == absorbed })
}

// absorbed marks a finding that has become evidence of another.
const absorbed finding.RuleID = ""

// addFollowing adds what follows from a finding to its evidence, once for each source that
// is not its own.
func addFollowing(root, f *finding.Finding) {
	for i, e := range f.Evidence {
		from := func(o finding.Evidence) bool { return o.Source == e.Source }
		if slices.ContainsFunc(f.Evidence[:i], from) || e.Source == root.Evidence[0].Source {
			continue
		}
		root.Evidence = append(slices.Clip(root.Evidence), finding.Evidence{Source: e.Source, Text: f.Title})
	}
}

// explainsWaits reports whether the finding says why goroutines wait for ever.
func explainsWaits(f *finding.Finding) bool {
	return f.Fingerprint != "" && len(f.Evidence) > 0 && familyOf(f.Rule) == finding.FamilyDeadlock
}

// waitsBecauseOf counts the blocked goroutines that the finding explains, by the line at
// which they wait.
func waitsBecauseOf(rep *finding.Report, fingerprint string) map[finding.Frame]int64 {
	at := make(map[finding.Frame]int64)
	for i := range rep.Blocked {
		for _, g := range rep.Blocked[i].Groups {
			if g.Finding == fingerprint {
				at[lineOf(g.Stack.Site())] += g.Count
			}
		}
	}
	return at
}

// lineOf is the frame without its directory, which depends on how the program was built.
func lineOf(f finding.Frame) finding.Frame {
	return finding.Frame{Func: f.Function(), File: f.Position()}
}

// followsFrom reports whether the finding is about the goroutines that wait at the lines,
// and about no others.
func followsFrom(f *finding.Finding, at map[finding.Frame]int64) bool {
	switch f.Rule {
	case finding.RuleContention, finding.RuleGoroutineLeak, finding.RuleStuck:
	default:
		return false
	}
	if len(f.Places) == 0 {
		return false
	}
	waits := at[lineOf(f.Places[0].Stack.Site())]
	return waits > 0 && goroutinesOf(f) <= waits
}

// goroutinesOf is how many goroutines the finding speaks of, or how many waits; 1 if it
// does not say.
func goroutinesOf(f *finding.Finding) int64 {
	measures := slices.Clone(f.Measures)
	for _, p := range f.Places {
		measures = append(measures, p.Measures...)
	}
	for _, name := range []string{"goroutines", "times", "waits"} {
		for _, m := range measures {
			if m.Name == name {
				return int64(m.Value)
			}
		}
	}
	return 1
}
