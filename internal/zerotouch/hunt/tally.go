package hunt

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

// showing is where a finding showed.
type showing struct {
	runs  int
	first Perturbation
	// number is the first run's, from 1.
	number int
	// pattern is where the pattern that can lead to it showed, nil if that is not known.
	pattern *showing
}

// Tally gathers what the runs show. The zero value holds none.
type Tally struct {
	// Command is what the flags that repeat a run belong into; the zero value leaves the flags
	// alone.
	Command  Command
	runs     int
	report   *finding.Report
	showings map[string]*showing
}

// Add adds a run's report, which is the tally's from now on.
func (t *Tally) Add(p Perturbation, rep *finding.Report) {
	t.runs++
	rep.Normalize()
	t.dropKnown(rep)
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
	t.report.Add(rep)
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
	t.report.Summary.Verdict = analyzer.Verdict(t.report)
	for i := range t.report.Findings {
		f := &t.report.Findings[i]
		s := t.showings[f.Fingerprint]
		if s == nil {
			continue
		}
		f.Measures = append(f.Measures, finding.Number(InRuns, s.runs), finding.Number(OfRuns, t.runs))
		f.Evidence = append(f.Evidence, finding.Evidence{Source: fmt.Sprintf("run %d", s.number), Text: s.text(t.Command)})
		if p := s.pattern; p != nil && p.number < s.number {
			f.Evidence = append(f.Evidence, finding.Evidence{Source: fmt.Sprintf("run %d", p.number),
				Text: fmt.Sprintf("the order of the locks alone showed, as in %d of %d runs, %s", p.runs, t.runs, p.text(t.Command))})
		}
	}
	return t.report
}

// text is how the run was disturbed, as the command that disturbs one in the same way.
func (s *showing) text(c Command) string {
	if s.first.Strategy == None {
		return "undisturbed"
	}
	text := fmt.Sprintf("--perturb %s --seed %d", s.first.Strategy, s.first.Seed)
	for _, site := range s.first.Sites {
		text += " --at " + site.String()
	}
	return c.with(text)
}

// confirm leaves out each lock cycle that a run hung in: the deadlock says more, and says
// too in how many runs the order alone was seen.
func (t *Tally) confirm() {
	kept := t.report.Findings[:0:0]
	for i := range t.report.Findings {
		f := &t.report.Findings[i]
		j := slices.IndexFunc(t.report.Findings, func(h finding.Finding) bool { return h.IsHangOf(f) })
		if j < 0 {
			kept = append(kept, *f)
			continue
		}
		if s := t.showings[f.Fingerprint]; s != nil {
			t.foretold(t.report.Findings[j].Fingerprint, s)
		}
	}
	t.report.Findings = kept
}

// foretold notes that the pattern behind a deadlock showed.
func (t *Tally) foretold(print string, pattern *showing) {
	if s := t.showings[print]; s != nil {
		s.pattern = pattern
	}
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
