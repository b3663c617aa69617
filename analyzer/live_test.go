package analyzer

import (
	"bufio"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	live "github.com/concdoctor/concdoctor/analyzer/record"
)

// startLive builds and starts a server of testdata and returns its URL.
func startLive(t *testing.T, name string, args ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), name)
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/"+name).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, args...) // killed when the test ends
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + strings.TrimSpace(address)
}

// recordLive records the service and analyzes what came.
func recordLive(t *testing.T, url string) *finding.Report {
	t.Helper()
	pages, err := live.Fetch(t.Context(), url, live.Options{Dir: t.TempDir(), Time: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, p := range pages {
		if p.File != "" {
			files = append(files, p.File)
		}
	}
	rep, err := Analyze(t.Context(), files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// ills are the findings that are no remarks, in order: rule, certainty, place.
func ills(rep *finding.Report) (all []string) {
	for i := range rep.Findings {
		if f := &rep.Findings[i]; f.Severity > finding.Info {
			all = append(all, fmt.Sprintf("%s %s %s", f.Rule, f.Certainty, where(f)))
		}
	}
	return all
}

// load sends requests, without waiting for their answers.
func load(t *testing.T, n int, url string) {
	for range n {
		go func() {
			if req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil); err == nil {
				if resp, err := http.DefaultClient.Do(req); err == nil {
					_ = resp.Body.Close()
				}
			}
		}()
	}
}

// TestLiveDeadlock records a server whose requests are stuck: that is one finding, which
// says why, and no list of queues and leaks beside it.
func TestLiveDeadlock(t *testing.T) {
	url := startLive(t, "livehub")
	load(t, 184, url+"/publish?name=x")
	time.Sleep(time.Second)
	rep := recordLive(t, url)
	if diff := cmp.Diff([]string{"deadlock suspected main.(*hub).publish"}, ills(rep)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	f := rep.Findings[0]
	if want := "would receive in main.(*hub).consume"; !strings.Contains(f.Detail, want) {
		t.Errorf("detail %q, want %q", f.Detail, want)
	}
	if !slices.ContainsFunc(f.Resources, func(r finding.Resource) bool { return r.Kind == finding.RWMutex && r.Name == "h.mu" }) {
		t.Errorf("the lock is not among %v", f.Resources)
	}
	if len(rep.Blocked) != 1 || rep.Blocked[0].Count < 150 || rep.Blocked[0].Groups[0].Finding != f.Fingerprint {
		t.Errorf("blocked %+v", rep.Blocked)
	}
}

// TestLiveHealthy records the same server without the fault, under load.
func TestLiveHealthy(t *testing.T) {
	url := startLive(t, "livehub", "healthy")
	stop := make(chan bool)
	defer close(stop)
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				load(t, 5, url+"/publish?name=x")
			}
		}
	}()
	rep := recordLive(t, url)
	for _, f := range rep.Findings {
		if f.Certainty >= finding.Potential && f.Severity > finding.Info || f.Rule == finding.RuleDeadlock {
			t.Errorf("%s", f.Headline())
		}
	}
}

// TestLiveConnections records a healthy server with 1,000 connections, which has two
// goroutines for each beside the one that reads: that is one remark at most, from
// whichever input.
func TestLiveConnections(t *testing.T) {
	url := startLive(t, "livesocket", "1000")
	check := func(t *testing.T, rep *finding.Report) {
		t.Helper()
		// On a busy machine goroutines do wait for processors.
		rep.Findings = slices.DeleteFunc(rep.Findings, func(f finding.Finding) bool { return familyOf(f.Rule) == finding.FamilySchedule })
		if got := ills(rep); len(got) > 0 {
			t.Errorf("findings %q", got)
		}
		if n := len(rep.Findings); n > 1 {
			t.Errorf("%d remarks: %s, %s", n, rep.Findings[0].Headline(), rep.Findings[1].Headline())
		}
	}
	t.Run("recorded", func(t *testing.T) { check(t, recordLive(t, url)) })
	for _, page := range []string{"goroutine", "goroutine?debug=1", "goroutine?debug=2", "trace?seconds=1"} {
		t.Run(page, func(t *testing.T) {
			rep, err := Analyze(t.Context(), []string{url + "/debug/pprof/" + page}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			check(t, rep)
			if page != "trace?seconds=1" && (len(rep.Blocked) != 1 || rep.Blocked[0].Count < 1990) {
				t.Errorf("blocked %+v", rep.Blocked)
			}
		})
	}
}
