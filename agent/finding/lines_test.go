package finding

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadLines(t *testing.T) {
	line := func(f Finding) string {
		text, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(text) + "\n"
	}
	cycle := line(Finding{Rule: "lock-cycle", Certainty: Potential, Severity: Error, Title: "a", Fix: "f", Fingerprint: "1", Count: 1})
	race := line(Finding{Rule: "data-race", Certainty: Observed, Severity: Error, Title: "b", Fix: "f", Fingerprint: "2", Count: 1})
	for _, tt := range []struct {
		name, in string
		want     []string // rule and count
		warnings int
		err      string
	}{
		{"two", cycle + "\n" + race, []string{"data-race 1", "lock-cycle 1"}, 0, ""},
		{"two runs", cycle + race + cycle, []string{"data-race 1", "lock-cycle 2"}, 0, ""},
		{"cut off", cycle + race[:len(race)/2], []string{"lock-cycle 1"}, 1, ""},
		{"nothing", "", nil, 0, ""},
		{"cut off at once", race[:len(race)/2], nil, 0, "line 1: unexpected end of JSON input"},
		{"broken in between", cycle + race[:len(race)/2] + "\n" + race, nil, 0, "line 2: unexpected end of JSON input"},
		{"no finding", cycle + "{}\n", nil, 0, "line 2: no rule"},
		{"half a finding", `{"rule": "deadlock"}`, nil, 0, "line 1: no certainty"},
	} {
		rep, err := ReadLines(strings.NewReader(tt.in))
		if tt.err != "" {
			if err == nil || err.Error() != "reading findings: "+tt.err {
				t.Errorf("%s: error %v, want %q", tt.name, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, f := range rep.Findings {
			got = append(got, string(f.Rule)+" "+Measure{Value: float64(f.Count), Unit: Count}.Text())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || len(rep.Warnings) != tt.warnings || rep.Schema != SchemaVersion {
			t.Errorf("%s: schema %d, warnings %v, findings (-want +got):\n%s", tt.name, rep.Schema, rep.Warnings, diff)
		}
	}
}
