package hunt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// showing is where a finding showed.
type showing struct {
	runs  int
	first Perturbation
	// number is the first run's, from 1.
	number int
}

// Tally gathers what the runs show. The zero value holds none.
type Tally struct {
	runs     int
	report   *finding.Report
	showings map[string]*showing
}

// Add adds a run's report, which is the tally's from now on.
func (t *Tally) Add(p Perturbation, rep *finding.Report) {
	t.runs++
	rep.Normalize()
	if t.showings == nil {
		t.showings = make(map[string]*showing)
	}
	for i := range rep.Findings {
		print := rep.Findings[i].Fingerprint
		s := t.showings[print]
		if s == nil {
			s = &showing{first: p, number: t.runs}
			t.showings[print] = s
		}
		s.runs++
	}
	if t.report == nil {
		t.report = rep
		return
	}
	t.report.Findings = append(t.report.Findings, rep.Findings...)
	t.report.Suppressed = append(t.report.Suppressed, rep.Suppressed...)
	t.report.Inputs = append(t.report.Inputs, rep.Inputs...)
	t.report.Warnings = append(t.report.Warnings, rep.Warnings...)
	t.report.Normalize()
}

// Runs is how many runs were added.
func (t *Tally) Runs() int { return t.runs }

// Findings are what the runs so far show, as long as nothing is added.
func (t *Tally) Findings() []finding.Finding {
	if t.report == nil {
		return nil
	}
	return t.report.Findings
}

// Names of what a hunt adds to the measures of a finding.
const (
	InRuns = "runs in which it showed"
	OfRuns = "runs"
)

// Report is the report of all runs: each finding says in how many it showed, and how to
// make it show again. It is nil if there was no run. The tally is used up.
func (t *Tally) Report() *finding.Report {
	if t.report == nil {
		return nil
	}
	t.confirm()
	for i := range t.report.Findings {
		f := &t.report.Findings[i]
		s := t.showings[f.Fingerprint]
		if s == nil {
			continue
		}
		f.Measures = append(f.Measures, finding.Number(InRuns, s.runs), finding.Number(OfRuns, t.runs))
		f.Evidence = append(f.Evidence, finding.Evidence{Source: fmt.Sprintf("run %d", s.number), Text: s.text()})
	}
	return t.report
}

func (s *showing) text() string {
	if s.first.Strategy == None {
		return "undisturbed"
	}
	return fmt.Sprintf("--perturb %s --seed %d", s.first.Strategy, s.first.Seed)
}

// confirm says of each lock cycle that a run hung in it.
func (t *Tally) confirm() {
	hung := make(map[string]*finding.Finding)
	for i := range t.report.Findings {
		if f := &t.report.Findings[i]; f.Rule == "deadlock" && f.Certainty == finding.Observed {
			hung[waits(f)] = f
		}
	}
	for i := range t.report.Findings {
		f := &t.report.Findings[i]
		if f.Rule != "lock-cycle" && f.Rule != "rlock-recursion" {
			continue
		}
		if h := hung[waits(f)]; h != nil && waits(f) != "" {
			s := t.showings[h.Fingerprint]
			f.Certainty = finding.Observed
			f.Evidence = append(f.Evidence, finding.Evidence{Source: fmt.Sprintf("run %d", s.number), Text: "hung in it, " + s.text()})
		}
	}
}

// waits are the lines at which the finding's goroutines wait, in order.
func waits(f *finding.Finding) string {
	var lines []string
	for i := range f.Goroutines {
		if w := f.Goroutines[i].Wait; w != nil && len(w.Stack) > 0 {
			lines = append(lines, w.Stack.User().Position())
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), " ")
}

// Sites are the lines at which the findings say that a goroutine should pause for
// others to get where they are in its way: those of what could happen but did not,
// surest first.
func Sites(findings []finding.Finding) (sites []Site) {
	worth := slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return f.Certainty == finding.Observed })
	slices.SortStableFunc(worth, func(a, b finding.Finding) int { return cmp.Compare(b.Certainty, a.Certainty) })
	for i := range worth {
		for _, g := range worth[i].Goroutines {
			if g.Wait == nil || len(g.Wait.Stack) == 0 {
				continue
			}
			at := g.Wait.Stack.User()
			if s := (Site{at.File, at.Line}); at.Line > 0 && !slices.Contains(sites, s) {
				sites = append(sites, s)
			}
		}
	}
	return sites
}
