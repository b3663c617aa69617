package analyzer

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestCorroborate(t *testing.T) {
	at := func(rule, source, function string, line int) finding.Finding {
		return finding.Finding{Rule: rule,
			Places:   []finding.Place{{Role: "elsewhere", Stack: finding.Stack{{Func: "main.other"}}}, {Role: "here", Stack: finding.Stack{{Func: function, Line: line}}}},
			Evidence: []finding.Evidence{{Source: source}}}
	}
	profiled := func(rule, function string, line int) finding.Finding {
		f := at(rule, "mutex.pb.gz", function, line)
		f.Places = f.Places[1:]
		return f
	}
	tests := []struct {
		name     string
		told     []finding.Finding
		profiled finding.Finding // after one of main.unrelated
		want     []string        // sources of the evidence of each finding
	}{
		{"no trace", nil, profiled("contention", "main.f", 1), []string{"mutex.pb.gz"}},
		{"same rule and line", []finding.Finding{at("contention", "trace", "main.f", 1)}, profiled("contention", "main.f", 1), []string{"trace+mutex.pb.gz"}},
		{"own rule before family", []finding.Finding{at("blocking-under-lock", "trace", "main.f", 1), at("contention", "trace", "main.f", 1)}, profiled("contention", "main.f", 1),
			[]string{"trace", "trace+mutex.pb.gz"}},
		{"same family", []finding.Finding{at("blocking-under-lock", "trace", "main.f", 1)}, profiled("contention", "main.f", 1), []string{"trace+mutex.pb.gz"}},
		{"another line", []finding.Finding{at("contention", "trace", "main.f", 2)}, profiled("contention", "main.f", 1), []string{"trace", "mutex.pb.gz"}},
		{"another family", []finding.Finding{at("goroutine-leak", "trace", "main.f", 1)}, profiled("contention", "main.f", 1), []string{"trace", "mutex.pb.gz"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rep := finding.NewReport(finding.Tool{})
			rep.Findings = append(rep.Findings, tt.told...)
			corroborate(rep, []finding.Finding{profiled("contention", "main.unrelated", 9), tt.profiled})
			var got []string
			for _, f := range rep.Findings {
				if f.Places[0].Stack.Site().Func == "main.unrelated" {
					continue
				}
				sources := ""
				for i, e := range f.Evidence {
					if i > 0 {
						sources += "+"
					}
					sources += e.Source
				}
				got = append(got, sources)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
		})
	}
}
