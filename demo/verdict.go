package demo

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Row is a demo's disease and its twins, as they were run.
type Row struct {
	Demo  *Demo
	Sick  *Run
	Twins []*Run
	// Err says why the row could not be run to its end; nil if it was.
	Err error
}

// Detected returns the sighting that the demo is about, nil if there is none.
func (r Row) Detected() *Sighting {
	if r.Sick == nil {
		return nil
	}
	i := slices.IndexFunc(r.Sick.Sightings, r.Demo.Expect.matches)
	if i < 0 {
		return nil
	}
	return &r.Sick.Sightings[i]
}

// Silent reports whether every twin was run to its end and gave no finding of any
// rule at severity warning or above.
func (r Row) Silent() bool {
	return len(r.Twins) == len(r.Demo.Twins) &&
		!slices.ContainsFunc(r.Twins, func(t *Run) bool { return len(twinProblems(r.Demo, t)) > 0 })
}

// NotRun returns why this machine cannot run the demo, and whether that is so. Such a
// row is neither as expected nor has it a problem.
func (r Row) NotRun() (reason error, ok bool) {
	return r.Err, errors.Is(r.Err, ErrNoRaceDetector)
}

// Problems lists what is not as expected in the row. It is empty if all is, and if
// the row was not run (see [Row.NotRun]).
func (r Row) Problems() []string {
	if _, ok := r.NotRun(); ok {
		return nil
	}
	if r.Err != nil {
		return []string{r.Err.Error()}
	}
	problems := r.sickProblems()
	for _, t := range r.Twins {
		problems = append(problems, twinProblems(r.Demo, t)...)
	}
	return problems
}

func (r Row) sickProblems() []string {
	if r.Sick == nil {
		return nil
	}
	var problems []string
	if r.Detected() == nil {
		e := r.Demo.Expect
		problems = append(problems, fmt.Sprintf("%s (%s) in %s was not detected by %s", e.Rule, e.Certainty, e.Where, e.By))
	}
	switch {
	case r.Sick.Ended && r.Demo.Hangs:
		problems = append(problems, "the disease ended by itself and should have hung")
	case !r.Sick.Ended && !r.Demo.Hangs:
		problems = append(problems, "the disease "+cutShort(r.Sick))
	}
	return append(problems, symptomProblems(r.Demo, r.Sick, true)...)
}

func twinProblems(d *Demo, t *Run) []string {
	var problems []string
	if !t.Ended {
		problems = append(problems, "twin "+t.Variant+" "+cutShort(t))
	}
	for _, s := range t.Loud() {
		problems = append(problems, fmt.Sprintf("twin %s is not silent: %s, by %s", t.Variant, s.Finding.Headline(), s.By))
	}
	return append(problems, symptomProblems(d, t, false)...)
}

// cutShort says how a program went that should have ended by itself.
func cutShort(r *Run) string {
	text := "did not end by itself within " + finding.FormatDuration(r.Wall)
	if r.Stderr != "" {
		text += "; it wrote:\n" + strings.TrimSpace(r.Stderr)
	}
	return text
}

func symptomProblems(d *Demo, r *Run, want bool) []string {
	if d.Symptom == "" {
		return nil
	}
	m, ok := r.Measure(d.Symptom)
	if ok && (m.Value > 0) == want {
		return nil
	}
	who := "the disease"
	if r.Variant != "" {
		who = "twin " + r.Variant
	}
	return []string{fmt.Sprintf("%s: %s is %s", who, d.Symptom, m.Text())}
}
