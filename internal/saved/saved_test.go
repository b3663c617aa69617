package saved

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/input"
)

func open(t *testing.T, text string) *input.Input {
	t.Helper()
	in, err := input.New("report", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestRead(t *testing.T) {
	rep := finding.NewReport(finding.Tool{Name: "concdoctor"})
	rep.Findings = append(rep.Findings, finding.Finding{
		Rule: finding.RuleDataRace, Certainty: finding.Observed, Severity: finding.Error, Title: "t", Fix: "f", Fingerprint: "1", Count: 1,
	})
	var report, line bytes.Buffer
	if err := rep.Write(&report); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(&line).Encode(&rep.Findings[0]); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		data                []byte
		isReport, isFinding bool
	}{
		"report":   {report.Bytes(), true, false},
		"findings": {append(line.Bytes(), line.Bytes()...), false, true},
	} {
		if got := Reports().Sniff(tt.data); got != tt.isReport {
			t.Errorf("%s: is a report: %v", name, got)
		}
		if got := Findings().Sniff(tt.data); got != tt.isFinding {
			t.Errorf("%s: are findings: %v", name, got)
		}
		got, err := Read(open(t, string(tt.data)))
		if err != nil || len(got.Findings) != 1 || got.Findings[0].Rule != finding.RuleDataRace {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := Read(open(t, " \n")); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing: error %v", err)
	}
	if _, err := Read(open(t, "{}")); err == nil || errors.Is(err, ErrEmpty) {
		t.Errorf("another object: error %v", err)
	}
}
