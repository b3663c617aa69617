package analyzer

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestCorroborate(t *testing.T) {
	at := func(rule finding.RuleID, source, function string, line int) finding.Finding {
		return finding.Finding{Rule: rule,
			Places:   []finding.Place{{Role: "elsewhere", Stack: finding.Stack{{Func: "main.other"}}}, {Role: "here", Stack: finding.Stack{{Func: function, Line: line}}}},
			Evidence: []finding.Evidence{{Source: source}}}
	}
	profiled := func(rule finding.RuleID, function string, line int) finding.Finding {
		f := at(rule, "mutex.pb.gz", function, line)
		f.Places = f.Places[1:]
		return f
	}
	sure := func(f finding.Finding) finding.Finding {
		f.Certainty, f.Severity = finding.Observed, finding.Error
		return f
	}
	as := func(c finding.Certainty, f finding.Finding) finding.Finding {
		f.Certainty, f.Severity = c, finding.Warning
		return f
	}
	created := func(f finding.Finding) finding.Finding {
		for i := range f.Places {
			f.Places[i].Role = createdRole
		}
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
		{"surer and worse by a profile", []finding.Finding{at("goroutine-leak", "trace", "main.f", 1)}, sure(profiled("goroutine-leak", "main.f", 1)), []string{"trace+mutex.pb.gz observed error"}},
		{"from one source twice", []finding.Finding{at("contention", "mutex.pb.gz", "main.f", 1)}, profiled("contention", "main.f", 1), []string{"mutex.pb.gz", "mutex.pb.gz"}},
		{"created at one line only", []finding.Finding{created(at("goroutine-leak", "trace", "main.f", 1))}, profiled("goroutine-leak", "main.f", 1), []string{"trace", "mutex.pb.gz"}},
		{"in two ways to one line", []finding.Finding{func() finding.Finding {
			f := at("goroutine-leak", "trace", "main.f", 1)
			f.Evidence = append(f.Evidence, finding.Evidence{Source: "mutex.pb.gz"})
			return f
		}()}, profiled("goroutine-leak", "main.f", 1), []string{"trace+mutex.pb.gz+mutex.pb.gz"}},
		{"stuck, and proven to be", []finding.Finding{at("stuck", "trace", "main.f", 1)}, sure(profiled("goroutine-leak", "main.f", 1)), []string{"trace+mutex.pb.gz observed error"}},
		{"a lock kept by nobody known", []finding.Finding{as(finding.Suspected, at("abandoned-lock", "trace", "main.f", 1))}, sure(profiled("goroutine-leak", "main.f", 1)), []string{"trace+mutex.pb.gz suspected error"}},
		{"a lock kept by somebody known", []finding.Finding{as(finding.Potential, at("abandoned-lock", "trace", "main.f", 1))}, sure(profiled("goroutine-leak", "main.f", 1)), []string{"trace+mutex.pb.gz observed error"}},
		{"stuck, and many", []finding.Finding{as(finding.Potential, at("stuck", "trace", "main.f", 1))}, as(finding.Suspected, profiled("goroutine-leak", "main.f", 1)), []string{"trace+mutex.pb.gz potential warning"}},
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
				if f.Certainty != 0 {
					sources += " " + f.Certainty.String() + " " + f.Severity.String()
				}
				got = append(got, sources)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
		})
	}
}

// TestThreeSources holds that a leak seen by a goroutineleak profile and two dumps is
// one finding with three pieces of evidence, and nothing is lost when they are read
// in another order.
func TestThreeSources(t *testing.T) {
	const stack = "main.f()\n\t/src/m.go:7 +0x1\ncreated by main.main in goroutine 1\n\t/src/m.go:9 +0x1\n\n"
	at := files(t, map[string]string{
		"leak": "goroutineleak profile: total 2\n2 @ 0x1\n#\t0x1\tmain.f+0x12\t/src/m.go:7\n",
		"one":  "goroutine 7 [chan send, 3 minutes]:\n" + stack + "goroutine 8 [chan send]:\n" + stack,
		"two":  "goroutine 7 [chan send, 9 minutes]:\n" + stack + "goroutine 8 [chan send, 5 minutes]:\n" + stack,
	})
	for _, names := range [][]string{{"leak", "one", "two"}, {"two", "one", "leak"}} {
		var paths []string
		for _, name := range names {
			paths = append(paths, at(name))
		}
		rep, err := Analyze(t.Context(), paths, Options{})
		if err != nil || len(rep.Findings) != 1 {
			t.Fatalf("findings %q, error %v", headlines(rep), err)
		}
		f := rep.Findings[0]
		if f.Rule != "goroutine-leak" || f.Certainty != finding.Observed || len(f.Evidence) != 3 {
			t.Errorf("%v: %s with evidence %+v", names, f.Headline(), f.Evidence)
		}
	}
}
