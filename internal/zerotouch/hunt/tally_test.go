package hunt

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func stack(fn string, line int) finding.Stack {
	return finding.Stack{{Func: fn, File: "/src/bank.go", Line: line}}
}

func waiting(rule finding.RuleID, c finding.Certainty, lines ...int) finding.Finding {
	f := finding.Finding{Rule: rule, Certainty: c, Severity: finding.Error, Title: string(rule), Resources: []finding.Resource{{Kind: finding.Mutex, Name: "m"}}}
	for _, line := range lines {
		f.Goroutines = append(f.Goroutines, finding.Goroutine{Wait: &finding.Wait{Mode: finding.Exclusive, Stack: stack("bank.move", line)}})
	}
	return f
}

func report(findings ...finding.Finding) *finding.Report {
	rep := finding.NewReport(finding.Tool{Name: "concdoctor"})
	rep.Findings = findings
	return rep
}

func measure(f *finding.Finding, name string) float64 {
	for _, m := range f.Measures {
		if m.Name == name {
			return m.Value
		}
	}
	return -1
}

func TestTally(t *testing.T) {
	var tally Tally
	tally.Add(Perturbation{Strategy: None}, report(waiting("lock-cycle", finding.Potential, 10, 20)))
	tally.Add(Perturbation{Strategy: Random, Seed: 3}, report())
	tally.Add(Perturbation{Strategy: Directed, Seed: 4}, report(waiting("lock-cycle", finding.Potential, 10, 20), waiting("deadlock", finding.Observed, 20, 10)))
	rep := tally.Report()
	if len(rep.Findings) != 1 || rep.Findings[0].Rule != "deadlock" {
		t.Fatalf("findings %v", rep.Findings)
	}
	f := &rep.Findings[0]
	if measure(f, InRuns) != 1 || measure(f, OfRuns) != 3 {
		t.Errorf("measures %v", f.Measures)
	}
	if diff := cmp.Diff([]finding.Evidence{
		{Source: "run 3", Text: "--perturb directed --seed 4"},
		{Source: "run 1", Text: "the order of the locks alone showed, as in 2 of 3 runs, undisturbed"},
	}, f.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
}

// TestTallyCommand shows that a finding comes with the command that repeats its run.
func TestTallyCommand(t *testing.T) {
	tally := Tally{Command: Command{"concdoctor test", []string{"-run", "^TestX$", "./store"}}}
	tally.Add(Perturbation{Strategy: Random, Seed: 3}, report(waiting("deadlock", finding.Observed, 20, 10)))
	want := "concdoctor test --perturb random --seed 3 -run '^TestX$' ./store"
	if got := tally.Report().Findings[0].Evidence[0].Text; got != want {
		t.Errorf("it is repeated by %q, want %q", got, want)
	}
}

// TestTallyKeepsPotential holds that a hang elsewhere confirms nothing.
func TestTallyKeepsPotential(t *testing.T) {
	var tally Tally
	tally.Add(Perturbation{Strategy: None}, report(waiting("lock-cycle", finding.Potential, 10, 20), waiting("deadlock", finding.Observed, 30, 40)))
	for _, f := range tally.Report().Findings {
		if f.Rule == "lock-cycle" && f.Certainty == finding.Potential && measure(&f, InRuns) == 1 {
			return
		}
	}
	t.Error("the lock cycle is gone")
}

func TestTallyOfNothing(t *testing.T) {
	var tally Tally
	if tally.Report() != nil || tally.Findings() != nil {
		t.Error("a report of no run")
	}
}

func TestSites(t *testing.T) {
	got := Sites([]finding.Finding{
		waiting("deadlock", finding.Observed, 1),
		waiting("lock-cycle", finding.Suspected, 2),
		waiting("lock-cycle", finding.Potential, 3, 4, 3),
	})
	if diff := cmp.Diff([]Site{{"/src/bank.go", 3}, {"/src/bank.go", 4}, {"/src/bank.go", 2}}, got); diff != "" {
		t.Errorf("sites (-want +got):\n%s", diff)
	}
}
