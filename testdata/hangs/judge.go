package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

// worth is what the findings of a trial are worth.
type worth uint8

const (
	outside worth = iota // the form cannot know
	missed
	listed // no rule fired, but the report lists the goroutines as blocked
	weaker // found, with less certainty, without a line or a name
	right
	silent // of a healthy program: as expected
	untrue // of a healthy program: a serious finding
	broken // the trial itself failed
)

// verdict is what one trial showed.
type verdict struct {
	worth
	rule      finding.RuleID
	certainty finding.Certainty
	lacks     []string // of a weaker one
	// others are serious findings about other lines.
	others []string
	// facts says that the report lists all goroutines of the shape as blocked.
	facts bool
	// lost says that a live line reported the hang, and the report does not.
	lost bool
	// endless says that a hunt did not end the run.
	endless bool
	err     error
}

// judge compares what was found with what is true.
func (t *trial) judge(f *form) (v verdict) {
	if t.healthy {
		return t.judgeHealthy()
	}
	if f.sees == packageSync && t.isPlainChannels() {
		return verdict{worth: outside}
	}
	v.worth = missed
	for i := range t.findings {
		fnd := &t.findings[i]
		if touched, lacks := t.compare(f, fnd); !touched {
			if sidebyside.IsSerious(fnd) {
				v.others = append(v.others, string(fnd.Rule)+" "+fnd.Certainty.String())
			}
		} else if w := (verdict{worth: worthOf(lacks), rule: fnd.Rule, certainty: fnd.Certainty, lacks: lacks}); v.isWorse(&w) {
			w.others = v.others
			v = w
		}
	}
	v.facts = t.isListed()
	switch {
	case !v.facts:
	case t.least == 0 || f.sees == places:
		v.worth = right
	case v.worth == missed:
		v.worth = listed
	}
	v.lost = v.worth < weaker && liveLine.MatchString(t.text)
	v.endless = f.name == "hunt" && !t.over
	return v
}

// isListed reports whether the report lists goroutines as blocked at each line at which the
// shape's wait.
func (t *trial) isListed() bool {
	return !slices.ContainsFunc(t.marks, func(m mark) bool {
		return m.role == "waits" && !slices.ContainsFunc(t.blocked, func(p finding.BlockedProcess) bool {
			return slices.ContainsFunc(p.Groups, func(g finding.BlockedGroup) bool { return t.isAt(m, g.Stack) })
		})
	})
}

// isAt reports whether a stack has the line of the mark.
func (t *trial) isAt(m mark, s finding.Stack) bool {
	return slices.ContainsFunc(s, func(f finding.Frame) bool { return f.Line == m.line && filepath.Base(f.File) == t.file })
}

// liveLine is what concdoctor says while a program hangs.
var liveLine = regexp.MustCompile(`(?m)^concdoctor: .*\((potential|proven|observed)\)`)

func worthOf(lacks []string) worth {
	if len(lacks) > 0 {
		return weaker
	}
	return right
}

func (v *verdict) isWorse(w *verdict) bool {
	return w.worth > v.worth || w.worth == v.worth && len(w.lacks) < len(v.lacks)
}

func (t *trial) judgeHealthy() verdict {
	v := verdict{worth: silent}
	for i := range t.findings {
		if f := &t.findings[i]; sidebyside.IsSerious(f) && f.Severity >= finding.Warning {
			v.worth, v.rule, v.certainty = untrue, f.Rule, f.Certainty
		}
	}
	if v.worth == silent && liveLine.MatchString(t.text) {
		v.worth, v.rule = untrue, "live line"
	}
	return v
}

// hangFamilies are the families of rules that explain a hang.
var hangFamilies = []finding.Family{finding.FamilyDeadlock, finding.FamilyLeak, finding.FamilyMisuse}

// factRules are rules of other families that report which goroutine waits for which.
var factRules = []finding.RuleID{"held-long", "waited-long"}

// compare tells whether a finding is about the shape, and what it lacks to be right.
func (t *trial) compare(f *form, fnd *finding.Finding) (touches bool, lacks []string) {
	rule, _ := finding.LookupRule(fnd.Rule)
	if !slices.Contains(hangFamilies, rule.Family) && !slices.Contains(factRules, fnd.Rule) {
		return false, nil
	}
	lines, names := 0, 0
	wantLines, wantNames := 0, 0
	for _, m := range t.marks {
		shown := t.shows(fnd, m)
		touches = touches || shown
		if m.role == "victim" || !f.demands(m) {
			continue
		}
		wantLines++
		if shown {
			lines++
		}
		if f.sees == everything && m.name != "-" {
			wantNames++
			if isNamed(fnd, m) {
				names++
			}
		}
	}
	if !touches {
		return false, nil
	}
	if !t.isRight(f, fnd.Rule) {
		lacks = append(lacks, "rule")
	}
	if least := t.leastIn(f); fnd.Certainty < least {
		lacks = append(lacks, "certainty")
	}
	if lines < wantLines {
		lacks = append(lacks, fmt.Sprintf("lines %d/%d", lines, wantLines))
	}
	if names < wantNames {
		lacks = append(lacks, fmt.Sprintf("names %d/%d", names, wantNames))
	}
	return true, lacks
}

// demands reports whether the form can know what a mark says.
func (f *form) demands(m mark) bool {
	switch f.sees {
	case stacks, places: // who holds what is not in a stack
		return m.role == "waits"
	case packageSync:
		return m.kind != "chan" && m.kind != "network"
	}
	return true
}

// isRight reports whether the rule is one that explains the shape in the form.
func (t *trial) isRight(f *form, rule finding.RuleID) bool {
	if slices.Contains(t.rules, rule) {
		return true
	}
	switch {
	case f.sees >= stacks && rule == finding.RuleAbandonedLock: // which goroutine left it is not in a stack
		return slices.Contains(t.rules, finding.RuleStuck)
	case f.sees >= stacks:
		return slices.Contains([]finding.RuleID{finding.RuleDeadlock, finding.RuleStuck}, rule)
	case f.sees == packageSync && t.isMixed():
		return slices.Contains(append(factRules, finding.RuleStuck), rule)
	}
	return false
}

// leastIn is the least certainty that a right finding has in the form.
func (t *trial) leastIn(f *form) finding.Certainty {
	switch {
	case f.sees >= stacks, f.sees == packageSync && t.isMixed():
		return finding.Suspected
	case f.asleep && t.asleep:
		return finding.Observed
	}
	return t.least
}

// shows reports whether a finding has the line of the mark in the role of the mark.
func (t *trial) shows(fnd *finding.Finding, m mark) bool {
	at := func(s finding.Stack) bool { return t.isAt(m, s) }
	for i := range fnd.Goroutines {
		g := &fnd.Goroutines[i]
		if m.role == "holds" {
			if slices.ContainsFunc(g.Holds, func(h finding.Hold) bool { return at(h.Stack) }) {
				return true
			}
			continue
		}
		if at(g.Stack) || g.Wait != nil && at(g.Wait.Stack) {
			return true
		}
	}
	return slices.ContainsFunc(fnd.Places, func(p finding.Place) bool { return at(p.Stack) })
}

var identifier = regexp.MustCompile(`\w+`)

// isNamed reports whether a finding calls a resource what the mark says.
func isNamed(fnd *finding.Finding, m mark) bool {
	return slices.ContainsFunc(fnd.Resources, func(r finding.Resource) bool {
		words := identifier.FindAllString(r.Name, -1)
		return slices.ContainsFunc(strings.Split(m.name, "/"), func(name string) bool { return slices.Contains(words, strings.TrimSuffix(name, "[]")) })
	})
}
