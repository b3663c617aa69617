package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo"
)

// leakDemo is a demo that is never run, with a finding as it expects.
func leakDemo() (*demo.Demo, demo.Sighting) {
	d := &demo.Demo{Name: "leak", Twins: []demo.Twin{{Name: "cured"}}, Expect: demo.Expectation{
		Rule: "goroutine-leak", Certainty: finding.Suspected, By: demo.ByTrace, Where: "shop.Ask",
	}}
	return d, demo.Sighting{By: demo.ByTrace, Finding: finding.Finding{
		Rule: "goroutine-leak", Certainty: finding.Suspected, Severity: finding.Warning, Title: "3 goroutines stay",
		Places: []finding.Place{{Stack: finding.Stack{{Func: "example.com/shop.Ask", File: "/shop/ask.go", Line: 7}}}},
	}}
}

func TestRowLine(t *testing.T) {
	d, found := leakDemo()
	sick := &demo.Run{Demo: d, Ended: true, Sightings: []demo.Sighting{found}}
	well := &demo.Run{Demo: d, Variant: "cured", Ended: true}
	loud := &demo.Run{Demo: d, Variant: "cured", Ended: true, Sightings: []demo.Sighting{found}}
	blind := &demo.Run{Demo: d, Ended: true}
	for name, test := range map[string]struct {
		row  demo.Row
		want []string
	}{
		"good":      {demo.Row{Demo: d, Sick: sick, Twins: []*demo.Run{well}}, []string{"leak", "goroutine-leak", "(suspected)", "trace", "yes"}},
		"loud twin": {demo.Row{Demo: d, Sick: sick, Twins: []*demo.Run{loud}}, []string{"leak", "goroutine-leak", "(suspected)", "trace", "no", "<--", "NOT", "AS", "IT", "SHOULD", "BE"}},
		"missed":    {demo.Row{Demo: d, Sick: blind, Twins: []*demo.Run{well}}, []string{"leak", "nothing", "of", "the", "kind", "-", "yes", "<--", "NOT", "AS", "IT", "SHOULD", "BE"}},
		"failed":    {demo.Row{Demo: d, Err: errors.New("no room")}, []string{"leak", "nothing", "of", "the", "kind", "-", "no", "<--", "NOT", "AS", "IT", "SHOULD", "BE"}},
		"not run":   {demo.Row{Demo: d, Err: fmt.Errorf("running: %w", demo.ErrNoRaceDetector)}, []string{"leak", "not", "run,", "see", "below", "-", "-"}},
	} {
		if diff := cmp.Diff(test.want, strings.Fields(rowLine(test.row))); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestShowPrintsWhatWasFoundAndWhatIsWrong(t *testing.T) {
	d, found := leakDemo()
	found.At = 30 * time.Millisecond
	var out bytes.Buffer
	v := demoView{out: &out}
	row := demo.Row{Demo: d, Twins: []*demo.Run{{Demo: d, Variant: "cured", Wall: time.Second, Stderr: "panic: lost\n"}}, Sick: &demo.Run{
		Demo: d, Ended: true, Wall: 40 * time.Millisecond,
		Sightings: []demo.Sighting{found}, Marks: []demo.Mark{{Text: "the request", At: 10 * time.Millisecond}},
	}}
	v.sick(row)
	v.twin(row.Twins[0])
	if v.conclude(row) {
		t.Error("a twin that crashed counts as well")
	}
	for _, want := range []string{
		"the disease ended by itself after 40 ms",
		"detected by trace, 20 ms after the request",
		"goroutine-leak (suspected): 3 goroutines stay",
		"shop.Ask ask.go:7",
		"the healthy twin cured did not end; it was ended from outside after 1 s",
		"it wrote:\n  panic: lost",
		"NOT AS IT SHOULD BE\n  twin cured did not end by itself within 1 s; it wrote:\n  panic: lost",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
}

// TestNotRun holds that a row which this machine cannot run counts neither way, and that
// the reason is shown.
func TestNotRun(t *testing.T) {
	d, _ := leakDemo()
	var out bytes.Buffer
	bad, notRun := printProblems(&out, []demo.Row{
		{Demo: d, Err: fmt.Errorf("%w: no compiler", demo.ErrNoRaceDetector)},
		{Demo: d, Err: errors.New("no room")},
	})
	if bad != 1 || notRun != 1 {
		t.Errorf("%d bad and %d not run, want one of each", bad, notRun)
	}
	want := "\nleak was not run: " + demo.ErrNoRaceDetector.Error() + ": no compiler\n\nleak: no room\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got, want := score(11, 0, 1), "10 of 11 rows are as they should be, and 1 could not be run on this machine."; got != want {
		t.Errorf("score = %q, want %q", got, want)
	}
	v := demoView{out: &out}
	if v.conclude(demo.Row{Demo: d, Err: demo.ErrNoRaceDetector}) || !strings.Contains(out.String(), "\nNOT RUN: ") {
		t.Errorf("a single demo that cannot be run counts as well:\n%s", out.String())
	}
}

func TestComparison(t *testing.T) {
	schedule := func(concurrency, parallelism float64) *finding.Schedule {
		return &finding.Schedule{Concurrency: finding.Level{Mean: concurrency}, Parallelism: finding.Level{Mean: parallelism}}
	}
	d, _ := leakDemo()
	row := demo.Row{
		Demo:  d,
		Sick:  &demo.Run{Schedule: schedule(1, 0.0004), Measures: []finding.Measure{finding.Duration("took", 6*time.Second), finding.Number("asked", 3)}},
		Twins: []*demo.Run{{Schedule: schedule(3, 1.96), Measures: []finding.Measure{finding.Duration("took", 3*time.Second)}}, {}},
	}
	want := []compared{
		{"took", []string{"6 s", "3 s", "-"}},
		{"asked", []string{"3", "-", "-"}},
		{"concurrency", []string{"1.00", "3.00", "-"}},
		{"parallelism", []string{"0.0004", "1.96", "-"}},
	}
	if diff := cmp.Diff(want, comparison(row), cmp.AllowUnexported(compared{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestHeadlineOfThePeer(t *testing.T) {
	for text, want := range map[string]string{
		"POTENTIAL DEADLOCK:\nPrevious place": "POTENTIAL DEADLOCK",
		"POTENTIAL DEADLOCK: Inconsistent locking. saw this ordering in one goroutine:\nhappened before": "POTENTIAL DEADLOCK: Inconsistent locking",
	} {
		if got := headline(text); got != want {
			t.Errorf("headline(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestDemoUsage(t *testing.T) {
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"demo", "gathr"}, "did you mean gather?"},
		{[]string{"demo", "gather", "bank-transfer"}, "want one demo, got 2"},
		{[]string{"demo", "--fixed"}, "--fixed needs the name of a demo"},
		{[]string{"demo", "gather", "--locks", "sync"}, "gather has no locks to choose"},
		{[]string{"demo", "--locks", "spin"}, "want one of agent, sync, go-deadlock, all"},
	} {
		var out, err bytes.Buffer
		status := run(t.Context(), test.args, &streams{in: strings.NewReader(""), out: &out, err: &err, getenv: func(string) string { return "" }})
		if status != statusUsage || !strings.Contains(err.String(), test.says) || out.Len() > 0 {
			t.Errorf("%q: status %d, output %q, error %q; want status %d and %q", test.args, status, out.String(), err.String(), statusUsage, test.says)
		}
	}
}
