package finding

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompareWith(t *testing.T) {
	report := func(nanos int64, findings ...Finding) *Report {
		r := NewReport(Tool{})
		r.Inputs = []Input{{Name: "trace", Nanos: nanos}}
		r.Findings = findings
		r.Normalize()
		return r
	}
	at := func(id string, lost int64) Finding {
		return Finding{Rule: "contention", Certainty: Observed, Severity: Warning, Fingerprint: id, LostNanos: lost}
	}
	leak := func(n int) Finding {
		return Finding{Rule: "goroutine-leak", Certainty: Suspected, Severity: Warning, Fingerprint: "leak",
			Places: []Place{{Measures: []Measure{Number("goroutines", n)}}}}
	}
	graver := at("f", 100)
	graver.Severity = Error
	for _, tt := range []struct {
		name      string
		base, now *Report
		want      map[string]Change
		gone      int
	}{
		{"new and gone", report(1000, at("g", 1)), report(1000, at("f", 1)), map[string]Change{"f": New}, 1},
		{"same", report(1000, at("f", 100)), report(1000, at("f", 110)), map[string]Change{"f": Same}, 0},
		{"worse", report(1000, at("f", 100)), report(1000, at("f", 125)), map[string]Change{"f": Worse}, 0},
		{"better", report(1000, at("f", 100)), report(1000, at("f", 80)), map[string]Change{"f": Better}, 0},
		{"twice in twice the time", report(1000, at("f", 100)), report(2000, at("f", 200)), map[string]Change{"f": Same}, 0},
		{"no time told by one", report(1000, at("f", 100)), report(0, at("f", 900)), map[string]Change{"f": Same}, 0},
		{"graver", report(1000, at("f", 100)), report(1000, graver), map[string]Change{"f": Worse}, 0},
		{"less grave", report(1000, graver), report(1000, at("f", 100)), map[string]Change{"f": Better}, 0},
		{"more goroutines", report(0, leak(100)), report(0, leak(200)), map[string]Change{"leak": Worse}, 0},
		{"as many goroutines", report(0, leak(100)), report(0, leak(101)), map[string]Change{"leak": Same}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.now.CompareWith(tt.base)
			got := make(map[string]Change)
			for _, f := range tt.now.Findings {
				got[f.Fingerprint] = f.Change
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || len(tt.now.Gone) != tt.gone {
				t.Errorf("%d gone, changes (-want +got):\n%s", len(tt.now.Gone), diff)
			}
		})
	}
	now := report(0)
	now.Suppressed = []Suppressed{{By: "x", Finding: at("f", 1)}}
	if now.CompareWith(report(0, at("f", 1))); len(now.Gone) != 0 {
		t.Errorf("a suppressed finding is gone: %+v", now.Gone)
	}
}
