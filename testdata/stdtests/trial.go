package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/testdata/internal/sidebyside"
)

const head = `| package | plain | zero touch | with -race | wall time | processor time | findings |
| --- | --: | --: | --: | --: | --: | --- |
`

// trial is what is done with one package.
type trial struct {
	tests      sidebyside.Tests
	exceptions []exception

	row        string
	complaints []string
}

// attempts is how often a test that failed has to fail again.
const attempts = 3

func (t *trial) run(ctx context.Context, pkg string) error {
	plain, err := t.tests.Once(ctx, sidebyside.Plain)
	if err != nil {
		return err
	}
	zero, err := t.tests.Once(ctx, sidebyside.ZeroTouch)
	if err != nil {
		return err
	}
	race, err := t.tests.Once(ctx, sidebyside.ZeroRace)
	if err != nil {
		return err
	}
	for _, r := range [...]*sidebyside.Run{zero, race} {
		if err := t.judge(ctx, pkg, plain, r); err != nil {
			return err
		}
	}
	t.row = fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s |\n", pkg, tally(plain), tally(zero), tally(race),
		seconds(plain.Wall, zero.Wall), seconds(plain.CPU, zero.CPU), found(zero, race))
	return nil
}

// judge holds the tests that broke in a way against the exceptions.
func (t *trial) judge(ctx context.Context, pkg string, plain, r *sidebyside.Run) error {
	broken := sidebyside.Broken(plain, r)
	still, err := t.tests.Again(ctx, r.Way, broken, attempts)
	if err != nil {
		return err
	}
	if r.Way.Race && len(still) > 0 {
		alone, err := t.tests.Again(ctx, sidebyside.PlainRace, still, attempts)
		if err != nil {
			return err
		}
		still = slices.DeleteFunc(still, func(test sidebyside.Test) bool { return test.Name != "" && slices.Contains(alone, test) })
	}
	for _, test := range broken {
		if !slices.Contains(still, test) {
			fmt.Fprintf(os.Stderr, "%s: %s broke once, and passes alone, or does not pass plain with -race\n", r.Way.Name, test)
		}
	}
	for _, test := range still {
		if !slices.ContainsFunc(t.exceptions, func(e exception) bool { return e.test == test && e.in(r.Way) }) {
			t.complaints = append(t.complaints, fmt.Sprintf("%s: %s breaks:\n%s", r.Way.Name, test, r.Output[test]))
		}
	}
	for _, e := range t.exceptions {
		if e.test.Package == pkg && e.in(r.Way) && r.Results[e.test] == "pass" {
			t.complaints = append(t.complaints, fmt.Sprintf("%s: %s passes, and stands in the list of exceptions", r.Way.Name, e.test))
		}
	}
	return nil
}

// tally is how many tests passed, and what others did.
func tally(r *sidebyside.Run) string {
	text := fmt.Sprint(r.Count("pass"))
	for _, result := range [...]string{"fail", "skip"} {
		if n := r.Count(result); n > 0 {
			text += fmt.Sprintf(", %d %s", n, result)
		}
	}
	return text
}

// seconds is what a run took plain and under zero touch. A ratio would tell nothing of
// those that take no time.
func seconds(plain, zero time.Duration) string {
	return fmt.Sprintf("%.1f s, %.1f s", plain.Seconds(), zero.Seconds())
}

// found names the serious findings of the runs, and those that would be if they were not
// set aside, each once.
func found(runs ...*sidebyside.Run) string {
	var names []string
	add := func(f *finding.Finding, aside string) {
		if sidebyside.IsSerious(f) {
			names = append(names, fmt.Sprintf("%s: %s (%s%s)", f.Rule, f.Title, f.Certainty, aside))
		}
	}
	for _, r := range runs {
		for i := range r.Findings {
			add(&r.Findings[i], "")
		}
		for i := range r.SetAside {
			add(&r.SetAside[i].Finding, ", set aside")
		}
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), "; ")
}
