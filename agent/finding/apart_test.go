package finding

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormalizeTellsTitlesApart(t *testing.T) {
	leak := func(title, lock, at, creator string) Finding {
		f := Finding{
			Rule: RuleGoroutineLeak, Certainty: Suspected, Severity: Warning, Title: title,
			Resources: []Resource{{Kind: Mutex, Name: lock}},
			Places:    []Place{{Role: "blocked here", Stack: Stack{{Func: at, File: "a.go", Line: 1}}}},
		}
		if creator != "" {
			f.Places = append(f.Places, Place{Role: "created here", Stack: Stack{{Func: creator, File: "a.go", Line: 9}}})
		}
		return f
	}
	const title = "a goroutine waits"
	for _, tt := range []struct {
		name     string
		findings []Finding
		want     []string
	}{
		{"by the names of locks", []Finding{leak(title, "a.mu", "p.f", ""), leak(title, "b.mu", "p.g", "")}, []string{title + " (a.mu)", title + " (b.mu)"}},
		{"by where they wait", []Finding{leak(title, "mu", "p.f", "p.New"), leak(title, "mu", "p.g", "p.New")},
			[]string{title + " (blocked here: p.f a.go:1)", title + " (blocked here: p.g a.go:1)"}},
		{"by their creators", []Finding{leak(title, "", "p.f", "p.New"), leak(title, "", "p.f", "p.Old")},
			[]string{title + " (created here: p.New a.go:9)", title + " (created here: p.Old a.go:9)"}},
		{"one has nothing of its own", []Finding{leak(title, "", "p.f", ""), leak(title, "", "p.f", "p.New")}, []string{title, title + " (created here: p.New a.go:9)"}},
		{"titles that differ", []Finding{leak(title, "a", "p.f", ""), leak("another", "b", "p.g", "")}, []string{title, "another"}},
		{"one diagnosis twice", []Finding{leak(title, "a", "p.f", ""), leak(title, "b", "p.f", "")}, []string{title}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rep := NewReport(Tool{})
			rep.Findings = tt.findings
			for range 2 {
				rep.Normalize()
				got := make(map[string]bool)
				for _, f := range rep.Findings {
					got[f.Title] = true
				}
				want := make(map[string]bool)
				for _, title := range tt.want {
					want[title] = true
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("titles (-want +got):\n%s", diff)
				}
			}
		})
	}
}
