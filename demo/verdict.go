package demo

import (
	"fmt"
	"slices"
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

// Problems tells in what the row is not as it should be; empty if it is.
func (r Row) Problems() []string {
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
	var problems []string
	if r.Sick != nil {
		if r.Detected() == nil {
			e := r.Demo.Expect
			problems = append(problems, fmt.Sprintf("%s (%s) in %s was not detected by %s", e.Rule, e.Certainty, e.Where, e.By))
		}
		if r.Sick.Ended == r.Demo.Hangs {
			problems = append(problems, fmt.Sprintf("the disease: hangs is %t, want %t", !r.Sick.Ended, r.Demo.Hangs))
		}
		problems = append(problems, symptomProblems(r.Demo, r.Sick, true)...)
	}
	return problems
}

func twinProblems(d *Demo, t *Run) []string {
	var problems []string
	if !t.Ended {
		problems = append(problems, fmt.Sprintf("twin %s did not end by itself within %v", t.Variant, t.Wall))
	}
	for _, s := range t.Loud() {
		problems = append(problems, fmt.Sprintf("twin %s is not silent: %s, by %s", t.Variant, s.Finding.Headline(), s.By))
	}
	return append(problems, symptomProblems(d, t, false)...)
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
