package finding

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// atPlace returns a finding of the rule with one place.
func atPlace(rule RuleID, function, file string, line int) Finding {
	return Finding{
		Rule: rule, Certainty: Observed, Severity: Error, Title: "title",
		Places: []Place{{Role: "here", Stack: Stack{{Func: function, File: file, Line: line}}}},
	}
}

func TestReportSuppress(t *testing.T) {
	dir := t.TempDir()
	source, known := filepath.Join(dir, "bank.go"), filepath.Join(dir, "known.txt")
	writeFile(t, source, directiveSource)
	writeFile(t, known, "contention:bank.Audit  audits are slow\n")
	suppressor, err := NewSuppressor([]string{"stuck", "lock-cicle"}, []string{known, filepath.Join(dir, "gone.txt")})
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("error %v, want one of the pattern and one of the file", err)
	}
	rep := NewReport(Tool{})
	rep.Findings = []Finding{
		atPlace(RuleStuck, "bank.a", "", 0), atPlace(RuleContention, "bank.Audit", "", 0), atPlace(RuleContention, "bank.Move", "", 0),
		atPlace(RuleDeadlock, "bank.move", source, 5), atPlace(RuleDeadlock, "bank.move", source, 5), // the second time the line is known
		atPlace(RuleDeadlock, "bank.move", source, 8), atPlace(RuleDeadlock, "bank.move", "bank.go", 5),
	}
	rep.Suppress(suppressor)

	got := make(map[string]int)
	for _, s := range rep.Suppressed {
		if got[s.By]++; s.InSource != strings.Contains(s.By, "bank.go") {
			t.Errorf("by %q: in source %v", s.By, s.InSource)
		}
	}
	want := map[string]int{"stuck": 1, "contention:bank.Audit at " + known + ":1 (audits are slow)": 1, "deadlock at bank.go:5 (accounts are sorted)": 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("suppressed (-want +got):\n%s", diff)
	}
	if len(rep.Findings) != 3 || len(rep.Findings[1].Evidence) != 1 || !strings.Contains(rep.Findings[1].Evidence[0].Text, "not in force") {
		t.Errorf("kept %+v", rep.Findings)
	}
	if len(rep.Warnings) != 3 || rep.Warnings[2].Text != "suppressed by deadlock at bank.go:5 (accounts are sorted): 2" {
		t.Errorf("warnings %+v", rep.Warnings)
	}
}

// A baseline that is read and written makes each finding heard once.
func TestAppendBaseline(t *testing.T) {
	name := filepath.Join(t.TempDir(), "baseline")
	if files := BaselineFiles(name, name); files != nil {
		t.Errorf("a baseline that is not there yet is read: %q", files)
	}
	if diff := cmp.Diff([]string{name}, BaselineFiles(name, "")); diff != "" {
		t.Errorf("a baseline that is missing (-want +got):\n%s", diff)
	}
	if files := BaselineFiles("", name); files != nil {
		t.Errorf("without a baseline %q", files)
	}
	f, g := atPlace(RuleStuck, "bank.a", "", 0), atPlace(RuleStuck, "bank.b", "", 0)
	for _, f := range []Finding{f, g} {
		if err := AppendBaseline(name, f); err != nil {
			t.Fatal(err)
		}
	}
	suppressor, err := NewSuppressor(nil, BaselineFiles(name, name))
	if err != nil {
		t.Fatal(err)
	}
	rep := NewReport(Tool{})
	rep.Findings = []Finding{f, g}
	rep.Suppress(suppressor)
	if len(rep.Findings) != 0 || len(rep.Warnings) != 1 || rep.Warnings[0].Text != "suppressed by the fingerprints in "+name+": 2" {
		t.Errorf("kept %+v, warnings %+v", rep.Findings, rep.Warnings)
	}
	if err := AppendBaseline(filepath.Join(name, "below"), f); err == nil || !strings.HasPrefix(err.Error(), "writing baseline: open ") {
		t.Errorf("error %v", err)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
