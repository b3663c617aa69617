package analyzer

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestVerdict(t *testing.T) {
	f := func(rule finding.RuleID, c finding.Certainty, s finding.Severity, function string) finding.Finding {
		return finding.Finding{Rule: rule, Certainty: c, Severity: s, Places: []finding.Place{{Role: "here", Stack: finding.Stack{{Func: function}}}}}
	}
	waiting := finding.Finding{Rule: "deadlock", Certainty: finding.Observed, Severity: finding.Error,
		Goroutines: []finding.Goroutine{{Wait: &finding.Wait{Stack: finding.Stack{{Func: "main.move"}}}}}}
	timeout := finding.BlockedProcess{Ended: "timed out after 10s", Tests: []string{"TestX"}, Count: 4}
	alive := finding.BlockedProcess{Input: "goroutines.txt", Count: 12, Groups: make([]finding.BlockedGroup, 3)}
	dump := []finding.Input{{Kind: "goroutine dump"}}
	tests := []struct {
		name     string
		findings []finding.Finding
		inputs   []finding.Input
		want     string
	}{
		{"one", []finding.Finding{waiting}, nil, "1 error: the program deadlocked (main.move)"},
		{"no place", []finding.Finding{{Rule: "serialized", Certainty: finding.Observed, Severity: finding.Warning}}, nil,
			"1 warning: the program runs its goroutines one at a time"},
		{"each rule once, at most three", []finding.Finding{
			f("data-race", finding.Observed, finding.Error, "main.a"), f("data-race", finding.Observed, finding.Error, "main.b"),
			f("contention", finding.Observed, finding.Warning, "main.c"), f("goroutine-leak", finding.Suspected, finding.Warning, "main.d"),
			f("oversubscribed", finding.Observed, finding.Info, "main.e")}, nil,
			"2 errors, 2 warnings, 1 remark: the program has a data race (main.a), spends time waiting for a lock (main.c) and may leak goroutines (main.d)"},
		{"no remarks beside a warning", []finding.Finding{f("contention", finding.Observed, finding.Warning, "main.c"), f("oversubscribed", finding.Observed, finding.Info, "main.e")}, nil,
			"1 warning, 1 remark: the program spends time waiting for a lock (main.c)"},
		{"only remarks", []finding.Finding{f("contention", finding.Observed, finding.Info, "main.c")}, nil, "1 remark: the program spends time waiting for a lock (main.c)"},
		{"nothing in", nil, nil, "nothing could be analyzed"},
		{"nothing found", nil, []finding.Input{{Kind: "execution trace"}, {Kind: "mutex profile"}}, "nothing found in an execution trace and a mutex profile"},
		{"several of a kind", nil, []finding.Input{{Kind: "mutex profile"}, {Kind: "execution trace"}, {Kind: "mutex profile"}}, "nothing found in 2 mutex profiles and an execution trace"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep := finding.NewReport(finding.Tool{})
			rep.Findings, rep.Inputs = tt.findings, tt.inputs
			if got := Verdict(rep); got != tt.want {
				t.Errorf("verdict %q, want %q", got, tt.want)
			}
		})
	}
	for _, tt := range []struct {
		name string
		rep  finding.Report
		want string
	}{
		{"ended", finding.Report{Inputs: dump, Blocked: []finding.BlockedProcess{timeout}}, "TestX timed out after 10s with 4 goroutines blocked"},
		{"ended, and why", finding.Report{Inputs: dump, Findings: []finding.Finding{waiting}, Blocked: []finding.BlockedProcess{timeout}},
			"1 error: the program deadlocked (main.move); TestX timed out after 10s with 4 goroutines blocked"},
		{"two ended", finding.Report{Inputs: dump, Blocked: []finding.BlockedProcess{alive, timeout, timeout}},
			"TestX timed out after 10s with 4 goroutines blocked, and 1 more process with goroutines blocked"},
		{"alive", finding.Report{Inputs: dump, Blocked: []finding.BlockedProcess{alive}}, "no finding, 12 goroutines blocked in 3 places"},
		{"alive, and why", finding.Report{Inputs: dump, Findings: []finding.Finding{waiting}, Blocked: []finding.BlockedProcess{alive}},
			"1 error: the program deadlocked (main.move)"},
		{"all unread", finding.Report{Inputs: []finding.Input{{Name: "x.log"}}, Warnings: []finding.Caveat{{Input: "x.log", Unread: true}}}, "x.log could not be read"},
		{"unread", finding.Report{Inputs: dump, Warnings: []finding.Caveat{{Input: "x.log", Unread: true}, {Input: "y.log"}}},
			"nothing found in a goroutine dump; x.log could not be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Verdict(&tt.rep); got != tt.want {
				t.Errorf("verdict %q, want %q", got, tt.want)
			}
		})
	}
}
