//go:build !concdoctor_off

package suite

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sasha-s/go-deadlock"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

const childVariable = "CONCDOCTOR_SUITE"

// result is what a child process says.
type result struct {
	Findings []finding.Finding
	// Peer lists what go-deadlock reported, in its words, each once.
	Peer []string
	// Ended says that the program came to its end.
	Ended bool
}

func TestMain(m *testing.M) {
	if what := os.Getenv(childVariable); what != "" {
		child(what)
		return
	}
	// The programs mostly wait: more of them at once than there are processors.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// child runs the scenario "detector/kind/name" and writes a result. For zero touch it
// writes nothing and lists them, or runs one on package sync to its end, if it has one.
func child(what string) {
	if what == "list" {
		list()
		return
	}
	parts := strings.SplitN(what, "/", 3)
	i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == parts[2] })
	var r result
	if parts[0] == "plain" {
		<-perform(&scenarios[i], &stage{plainKit, parts[1]})
		return
	}
	if parts[0] == "agent" {
		r = runAgent(&scenarios[i], &stage{agentKit, parts[1]})
	} else {
		r = runPeer(&scenarios[i], &stage{peerKit, parts[1]})
	}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		panic(err)
	}
}

// list writes what there is.
func list() {
	type row struct{ Name, Truth, Kind string }
	var rows []row
	for _, s := range scenarios {
		for _, kind := range s.kinds {
			rows = append(rows, row{s.name, string(s.truth), kind})
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(rows); err != nil {
		panic(err)
	}
}

// patience is longer than any machine needs to find what is to be found.
const patience = 3 * time.Minute

func runAgent(sc *scenario, s *stage) result {
	agent.Configure(agent.Options{Output: discard{}})
	hung := make(chan bool, 100)
	agent.OnFinding(func(f finding.Finding) {
		wanted := func(b brief) bool { return b.Rule == f.Rule && b.Certainty == f.Certainty.String() }
		if f.Rule == sc.ends && slices.ContainsFunc(sc.want, wanted) { // and not the prediction of it
			hung <- true
		}
	})
	ended := perform(sc, s)
	select {
	case <-ended:
		return result{Findings: agent.Findings(), Ended: true}
	case <-hung:
	case <-time.After(patience):
	}
	return result{Findings: agent.Findings()}
}

// discard is a writer that go vet does not take for io.Discard: findings go through
// the whole way to a user's writer.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// peerTimeout is go-deadlock's limit for a wait, as long as the agent's SelfWait.
// Its default is 30 s: the scenarios are as much shorter.
const peerTimeout = time.Second

func runPeer(sc *scenario, s *stage) result {
	var log lines
	reported := make(chan bool, 100)
	deadlock.Opts.LogBuf = &log
	deadlock.Opts.DeadlockTimeout = peerTimeout
	deadlock.Opts.OnPotentialDeadlock = func() {
		select {
		case reported <- true:
		default:
		}
	}
	ended := perform(sc, s)
	select {
	case <-ended:
		return result{Peer: log.kinds(), Ended: true}
	case <-reported:
	case <-time.After(3 * peerTimeout):
	}
	return result{Peer: log.kinds()}
}

func perform(sc *scenario, s *stage) (ended chan bool) {
	ended = make(chan bool)
	go func() {
		defer close(ended)
		sc.program(s)
	}()
	return ended
}

// lines collects go-deadlock's log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// kinds names the reports in the log.
func (l *lines) kinds() (kinds []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range []struct{ mark, name string }{
		{"Inconsistent locking", "order"},
		{"Recursive locking", "recursion"},
		{"Have been trying to lock it again", "time-out"},
	} {
		if strings.Contains(l.text.String(), k.mark) {
			kinds = append(kinds, k.name)
		}
	}
	return kinds
}

// start runs a scenario in a process of its own.
func start(t *testing.T, detector, kind string, sc *scenario) result {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Dir = filepath.Dir(exe)
	// With the race detector a program would linger for a second when it ends.
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", childVariable+"="+detector+"/"+kind+"/"+sc.name)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var r result
	if jsonErr := json.Unmarshal(out, &r); err != nil || jsonErr != nil {
		t.Fatalf("%s on %s: %v\n%s%s", detector, sc.name, err, out, stderr.String())
	}
	return r
}
