package hunt

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestTallyBlocked holds that each way of hanging is listed once, of the first run that
// showed it, and that idle processes are not.
func TestTallyBlocked(t *testing.T) {
	process := func(test string, line int, idle bool) finding.BlockedProcess {
		return finding.BlockedProcess{Ended: "hung and was ended", Tests: []string{test}, Count: 1,
			Groups: []finding.BlockedGroup{{Count: 1, Stack: stack("bank.move", line), Idle: idle}}}
	}
	var tally Tally
	for _, all := range [][]finding.BlockedProcess{
		{process("TestA", 1, false), process("TestA", 9, true)},
		nil,
		{process("TestA", 1, false)},
		{process("TestA", 2, false), process("TestB", 1, false)},
	} {
		rep := report()
		rep.Blocked = all
		tally.Add(Perturbation{Strategy: None}, rep)
	}
	var got []string
	for i := range tally.report.Blocked {
		p := &tally.report.Blocked[i]
		got = append(got, p.Tests[0]+" at "+p.Groups[0].Stack.Site().Position())
	}
	if diff := cmp.Diff([]string{"TestA at bank.go:1", "TestA at bank.go:2", "TestB at bank.go:1"}, got); diff != "" {
		t.Errorf("blocked (-want +got):\n%s", diff)
	}
}

func TestHungIn(t *testing.T) {
	names := addTests(nil, []finding.BlockedProcess{{Tests: []string{"TestA", "TestA/one", "TestA/two"}}, {Tests: []string{"TestB"}}})
	names = addTests(names, []finding.BlockedProcess{{Tests: []string{"TestB"}}})
	if diff := cmp.Diff([]string{"TestA/one", "TestA/two", "TestB"}, names); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
	sum := Summary{Programs: 1, Runs: 9, Hung: 4, HungIn: names}
	if got, want := sum.String(), "9 runs of 1 program, 4 hung in TestA/one, TestA/two and TestB, 0 findings"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	sum.HungIn = append(names, "TestC")
	if got, want := sum.String(), "9 runs of 1 program, 4 hung in TestA/one, TestA/two and 2 more tests, 0 findings"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
