//go:build !concdoctor_off

package suite

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// deviations are the tests of go-deadlock that our types fail, and why they should.
var deviations = map[string]string{
	"TestHardDeadlock":                slowIsNoDeadlock,
	"TestHardDeadlockTryLock":         slowIsNoDeadlock,
	"TestRWMutex":                     slowIsNoDeadlock,
	"TestRWMutexTryLock":              slowIsNoDeadlock,
	"TestStarvedRLockMultipleReaders": slowIsNoDeadlock,
	"TestTryLockOrder":                "it calls a pair taken with TryLock alone an order; a TryLock never waits, so that side cannot hang",
}

const slowIsNoDeadlock = "it calls a wait of 20 ms for a lock that a running goroutine holds a deadlock; the holder goes on and releases it"

// inside are the tests that test the inside of go-deadlock: they do not compile
// against anything else.
var inside = regexp.MustCompile(`(?s)\nfunc (TestDeadlockTimeoutTransientNoHolder)\(.*?\n}\n`)

// peerTests are the files of go-deadlock that test it through its exported names.
var peerTests = []string{"deadlock_test.go", "trylock_test.go", "buildtag_test.go"}

const peerShim = `package deadlock

import (
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

type (
	Mutex   = agent.Mutex
	RWMutex = agent.RWMutex
)

var Opts struct {
	Disable, DisableLockOrderDetection bool
	DeadlockTimeout                    time.Duration
	OnPotentialDeadlock                func()
}

var delivered atomic.Int64

func init() {
	agent.Configure(agent.Options{Output: io.Discard, SelfWait: 20 * time.Millisecond})
	agent.OnFinding(func(finding.Finding) {
		if f := Opts.OnPotentialDeadlock; f != nil {
			f()
		}
		delivered.Add(1)
	})
}

// settle waits until all findings were delivered: they come from a goroutine of
// the agent's own.
func settle() {
	for delivered.Load() < int64(len(agent.Findings())) {
		runtime.Gosched()
	}
}
`

// TestPeersOwnTests runs go-deadlock's own tests on the agent's types, through a
// shim. The files are read from the module cache, so nothing of them is kept.
func TestPeersOwnTests(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/sasha-s/go-deadlock").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := strings.TrimSpace(string(out))
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	temp := t.TempDir()
	lay := func(name, text string) {
		file := filepath.Join(temp, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(here, "peer", name)] = file
	}
	lay("shim.go", peerShim)
	for _, name := range peerTests {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		lay(name, strings.ReplaceAll(inside.ReplaceAllString(string(text), "\n"), "\twg.Wait()\n", "\twg.Wait()\n\tsettle()\n"))
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(temp, "overlay.json")
	if err := os.WriteFile(overlayFile, list, 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(temp, "peer.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-o", binary, "-overlay", overlayFile, "./peer")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building go-deadlock's tests: %v\n%s", err, out)
	}
	log, _ := exec.CommandContext(t.Context(), binary, "-test.v").CombinedOutput() // it fails where it deviates: see below
	results := regexp.MustCompile(`(?m)^--- (PASS|FAIL): (\w+)`).FindAllStringSubmatch(string(log), -1)
	if len(results) < 15 {
		t.Fatalf("%d tests ran:\n%s", len(results), log)
	}
	for _, r := range results {
		status, name := r[1], r[2]
		_, deviates := deviations[name]
		if deviates != (status == "FAIL") {
			t.Errorf("%s: %s, a stated deviation: %v\n%s", name, status, deviates, log)
		}
	}
}
