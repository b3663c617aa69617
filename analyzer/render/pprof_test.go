package render

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// parsePprof reads what was written, with the reader that go tool pprof has.
func parsePprof(t *testing.T, rep *finding.Report) *profile.Profile {
	t.Helper()
	p, err := profile.ParseData([]byte(render(t, rep, "pprof", Options{})))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckValid(); err != nil {
		t.Fatal(err)
	}
	return p
}

// sums adds up one value of the samples by their innermost function.
func sums(p *profile.Profile, value int) map[string]int64 {
	all := make(map[string]int64)
	for _, s := range p.Sample {
		if v := s.Value[value]; v != 0 {
			name := ""
			if len(s.Location) > 0 {
				name = s.Location[0].Line[0].Function.Name
			}
			all[strings.TrimPrefix(name, "example.com/bank.")] += v
		}
	}
	return all
}

func TestPprof(t *testing.T) {
	p := parsePprof(t, readReport(t, "full.json"))
	wantBlocked := map[string]int64{
		"net.(*conn).Read": 147e9, "(*Ledger).Append": 90e9, "(*Account).Move": 49e9, "(*Cache).Get": 2e9,
		"notify": 4e9, "audit": 2.9e9, "tick": 3e9, "hash": 1e6, "(minor stacks)": 0.5e9,
	}
	if diff := cmp.Diff(wantBlocked, sums(p, waitNanos)); diff != "" {
		t.Errorf("blocked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int64{"(*Ledger).Append": 2.7e9, "(*Ledger).Close": 0.4e9}, sums(p, blameNanos)); diff != "" {
		t.Errorf("blame (-want +got):\n%s", diff)
	}
	reasons := make(map[string]bool)
	for _, s := range p.Sample {
		reasons[s.Label["reason"][0]] = true
		if s.Label["input"] == nil {
			t.Errorf("no input at %v", s.Label)
		}
	}
	want := []string{"channel send", "garbage collector", "mutex", "network", "rwmutex read lock", "select", "several", "sleep"}
	if got := slices.Sorted(maps.Keys(reasons)); !slices.Equal(got, want) {
		t.Errorf("reasons %q, want %q", got, want)
	}
	if rep := readReport(t, "full.json"); total(p, waitNanos) != rep.Summary.Schedules[0].BlockedNanos {
		t.Errorf("%d ns in all, the report says %d", total(p, waitNanos), rep.Summary.Schedules[0].BlockedNanos)
	}
}

func total(p *profile.Profile, value int) (sum int64) {
	for _, v := range sums(p, value) {
		sum += v
	}
	return sum
}

// TestPprofOfMinorLocks: a trace shows what is to blame at every lock, and what findings
// tell of the same waits does not count twice.
func TestPprofOfMinorLocks(t *testing.T) {
	at := func(name string) finding.Stack { return finding.Stack{{Func: name, File: "/src/f.go", Line: 3}} }
	rep := finding.NewReport(finding.Tool{})
	major := finding.Pair{Waiter: at("main.wait"), Blamed: at("main.major"), Nanos: 900, Count: 3}
	rep.Summary.Schedules = []finding.Schedule{{Input: "trace", Locks: []finding.WaitKind{
		{Reason: "mutex", Pairs: []finding.Pair{major, {Waiter: at("main.wait"), Nanos: 7}, {Waiter: at("main.wait"), Blamed: at("main.minor"), Nanos: 5, Count: 1}}},
		{Reason: "once", Pairs: []finding.Pair{{Waiter: at("main.wait"), Blamed: at("main.init"), Nanos: 2, Count: 1}}},
	}}}
	rep.Findings = []finding.Finding{{Rule: "contention", Pairs: []finding.Pair{major}, Evidence: []finding.Evidence{{Source: "trace"}}}}
	want := map[string]int64{"main.major": 900, "main.minor": 5, "main.init": 2}
	if diff := cmp.Diff(want, sums(parsePprof(t, rep), blameNanos)); diff != "" {
		t.Errorf("blame (-want +got):\n%s", diff)
	}
}

// TestPprofOfProfiles: without a trace the profiles tell, each what it knows.
func TestPprofOfProfiles(t *testing.T) {
	stack := finding.Stack{{Func: "main.f", File: "/src/f.go", Line: 3}}
	rep := finding.NewReport(finding.Tool{})
	rep.Summary.Profiles = []finding.Profile{
		{Input: "m", Kind: "mutex profile", Hotspots: []finding.Hotspot{{Stack: stack, Count: 2, Nanos: 30}, {Stack: stack, Change: "gone", BaseNanos: 99}}},
		{Input: "b", Kind: "block profile", Hotspots: []finding.Hotspot{{Stack: stack, Count: 5, Nanos: 70}}},
		{Input: "g", Kind: "goroutine profile", Hotspots: []finding.Hotspot{{Stack: stack, Count: 11}}},
	}
	p := parsePprof(t, rep)
	for value, want := range [pprofValues]int64{5, 70, 30} {
		if got := sums(p, value)["main.f"]; got != want {
			t.Errorf("%s: %d, want %d", pprofTypes[value].Type, got, want)
		}
	}
	if p.DefaultSampleType != "blocked" {
		t.Errorf("shows %q first", p.DefaultSampleType)
	}
}

func TestPprofOfNothing(t *testing.T) {
	for _, name := range []string{"quiet.json", "hostile.json"} {
		parsePprof(t, readReport(t, name))
	}
	if p := parsePprof(t, finding.NewReport(finding.Tool{})); len(p.Sample) != 0 || len(p.Comments) != 1 {
		t.Errorf("%d samples, comments %q", len(p.Sample), p.Comments)
	}
}

// TestPprofOpens lets the tool itself read the file.
func TestPprofOpens(t *testing.T) {
	file := filepath.Join(t.TempDir(), "blocked.pb.gz")
	if err := os.WriteFile(file, []byte(render(t, readReport(t, "full.json"), "pprof", Options{})), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{nil, "147s"},
		{[]string{"-sample_index=blame"}, "2700ms 87.10%"},
		{[]string{"-tagfocus=reason=sleep"}, "bank.tick"},
		{[]string{"-sample_index=waits"}, "40000"},
	} {
		cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"tool", "pprof", "-top"}, tt.args...), file)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || !strings.Contains(string(out), tt.want) {
			t.Errorf("%q: %v, want %s in\n%s%s", tt.args, err, tt.want, out, stderr.String())
		}
	}
}
