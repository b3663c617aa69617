//go:build !concdoctor_off

package httpagent_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/httpagent"
)

// fetch writes the profile to a file and parses it.
func fetch(t *testing.T, address string) (file string, p *profile.Profile) {
	t.Helper()
	_, _, body := get(t, address)
	p, err := profile.ParseData([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.CheckValid(); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "profile.pb.gz")
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, p
}

func top(t *testing.T, file, index string) string {
	t.Helper()
	out, err := exec.Command("go", "tool", "pprof", "-top", "-sample_index="+index, file).CombinedOutput()
	if err != nil {
		t.Fatalf("go tool pprof: %v\n%s", err, out)
	}
	return string(out)
}

// sum adds up a value of the samples whose innermost function has the suffix.
func sum(p *profile.Profile, index int, function string) (n int64) {
	for _, s := range p.Sample {
		if strings.HasSuffix(s.Location[0].Line[0].Function.Name, function) {
			n += s.Value[index]
		}
	}
	return n
}

func TestHeldProfile(t *testing.T) {
	scene(t)
	file, p := fetch(t, serve(t)+"pprof/held")
	if n := sum(p, 0, ".holdPattern"); n != 1 {
		t.Errorf("%d locks held by holdPattern, want 1", n)
	}
	if n := sum(p, 1, ".holdPattern"); n <= 0 {
		t.Errorf("held for %d ns", n)
	}
	if out := top(t, file, "locks"); !strings.Contains(out, "httpagent_test.holdPattern") || !strings.Contains(out, "Type: locks") {
		t.Errorf("go tool pprof shows\n%s", out)
	}
}

func TestWaitsProfile(t *testing.T) {
	scene(t)
	file, p := fetch(t, serve(t)+"pprof/waits")
	if n := sum(p, 0, ".wantPattern"); n != 1 {
		t.Errorf("%d goroutines wait in wantPattern, want 1", n)
	}
	at := slices.IndexFunc(p.Sample, func(s *profile.Sample) bool {
		return s.Value[0] == 1 && strings.HasSuffix(s.Location[0].Line[0].Function.Name, ".wantPattern")
	})
	if at < 0 || !strings.Contains(p.Sample[at].Label["class"][0], "holdPattern") || p.Sample[at].Label["kind"][0] != "mutex" {
		t.Errorf("no sample with labels: %v", p.Sample)
	}
	if out := top(t, file, "waiting"); !strings.Contains(out, "httpagent_test.wantPattern") || !strings.Contains(out, "Type: waiting") {
		t.Errorf("go tool pprof shows\n%s", out)
	}
}

// TestProfilesBesideTheRuntimes mounts the profiles where people look for profiles, and
// lets go tool pprof fetch them.
func TestProfilesBesideTheRuntimes(t *testing.T) {
	scene(t)
	mux := http.NewServeMux()
	mux.Handle("/debug/pprof/concdoctor_held", httpagent.HeldProfile())
	mux.Handle("/debug/pprof/concdoctor_waits", httpagent.WaitsProfile())
	server := httptest.NewServer(mux)
	defer server.Close()
	t.Setenv("PPROF_TMPDIR", t.TempDir())
	if out := top(t, server.URL+"/debug/pprof/concdoctor_held", "locks"); !strings.Contains(out, "holdPattern") {
		t.Errorf("go tool pprof shows\n%s", out)
	}
	if out := top(t, server.URL+"/debug/pprof/concdoctor_waits", "waiting"); !strings.Contains(out, "wantPattern") {
		t.Errorf("go tool pprof shows\n%s", out)
	}
}
