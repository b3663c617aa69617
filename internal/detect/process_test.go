//go:build !concdoctor_off

package detect_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

// programs are what a child process of these tests runs: see TestMain.
var programs = map[string]func(){
	"inversion": func() {
		var a, b agent.Mutex
		for range 3 {
			run(nest(&a, &b), nest(&b, &a))
		}
		println("the program ends")
	},
	"all asleep": func() {
		var a agent.Mutex
		a.Lock()
		a.Lock()
	},
	"all asleep in channels": func() {
		c := agent.MakeChan[int](0)
		go agent.Select(c.OnRecv(nil), agent.Chan[int]{}.OnRecv(nil))
		receiveHere(c)
	},
	"switched off later": func() {
		var a, b agent.Mutex
		a.Lock() // the goroutine is known and holds a lock
		agent.Configure(agent.Options{Off: true})
		a.Unlock()
		run(nest(&a, &b), nest(&b, &a))
		if len(agent.Findings()) > 0 {
			panic("found")
		}
		nest(&a, &b)()
		nest(&b, &a)()
		println("the program ends")
	},
	"held long": func() {
		var mu agent.Mutex
		found := make(chan finding.Finding)
		agent.OnFinding(func(f finding.Finding) { found <- f })
		mu.Lock()
		go takeSecond(&mu)
		go time.Sleep(time.Hour) // else the runtime finds all asleep
		f := <-found
		println("found", f.Rule, f.Severity.String())
	},
	"exit while reporting": func() {
		var a, b agent.Mutex
		run(nest(&a, &b), nest(&b, &a))
		os.Exit(0)
	},
}

const programVariable = "CONCDOCTOR_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if program := programs[os.Getenv(programVariable)]; program != nil {
		program()
		return
	}
	if name := os.Getenv(quietVariable); name != "" {
		runQuiet(name)
		return
	}
	os.Exit(m.Run())
}

// child runs a program in a process of its own and returns its exit status and
// what it wrote to standard error.
func child(t *testing.T, program, options string) (status int, stderr string) {
	t.Helper()
	return childWith(t, programVariable, program, options)
}

func childWith(t *testing.T, variable, program, options string) (status int, stderr string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), variable+"="+program, "CONCDOCTOR="+options)
	var out strings.Builder
	cmd.Stderr = &out
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

func TestProcessSaysItOnce(t *testing.T) {
	status, stderr := child(t, "inversion", "")
	first, _, _ := strings.Cut(stderr, "\n")
	const want = "concdoctor: lock-cycle (potential): detect_test.takeFirst scenario_test.go:"
	if status != 0 || !strings.HasPrefix(first, want) || strings.Count(first, "scenario_test.go:") != 2 {
		t.Errorf("status %d, first line %q, want %q and a second place", status, first, want)
	}
	if n := strings.Count(stderr, "lock-cycle (potential)"); n != 1 {
		t.Errorf("reported %d times:\n%s", n, stderr)
	}
	if !strings.HasSuffix(stderr, "the program ends\n") {
		t.Errorf("the program did not go on:\n%s", stderr)
	}
}

func TestProcessReportsBeforeItExits(t *testing.T) {
	if _, stderr := child(t, "exit while reporting", ""); !strings.Contains(stderr, "lock-cycle (potential)") {
		t.Errorf("standard error %q", stderr)
	}
}

func TestProcessHeldLong(t *testing.T) {
	status, stderr := child(t, "held long", "self_wait=20ms hold_limit=100ms")
	if status != 0 || !strings.Contains(stderr, "held-long (observed): ") || !strings.HasSuffix(stderr, "found held-long error\n") {
		t.Errorf("status %d:\n%s", status, stderr)
	}
}

func TestProcessEnvironment(t *testing.T) {
	t.Run("halt", func(t *testing.T) {
		if status, stderr := child(t, "inversion", "halt=66"); status != 66 || strings.Contains(stderr, "the program ends") {
			t.Errorf("status %d:\n%s", status, stderr)
		}
	})
	t.Run("off", func(t *testing.T) {
		if _, stderr := child(t, "inversion", "off=1"); stderr != "the program ends\n" {
			t.Errorf("standard error %q", stderr)
		}
	})
	t.Run("switched off later", func(t *testing.T) {
		if _, stderr := child(t, "switched off later", ""); stderr != "the program ends\n" {
			t.Errorf("standard error %q", stderr)
		}
	})
	t.Run("suppress", func(t *testing.T) {
		if _, stderr := child(t, "inversion", "suppress=lock-cycle:takeSecond"); stderr != "the program ends\n" {
			t.Errorf("standard error %q", stderr)
		}
	})
	t.Run("bad word", func(t *testing.T) {
		if status, stderr := child(t, "inversion", "colour=red"); status != 0 || !strings.HasPrefix(stderr, `concdoctor: CONCDOCTOR: unknown option "colour=red"`) {
			t.Errorf("status %d: %q", status, stderr)
		}
	})
	t.Run("JSON lines to a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "findings")
		if _, stderr := child(t, "inversion", "format=json output="+file); stderr != "the program ends\n" {
			t.Errorf("standard error %q", stderr)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f finding.Finding
		if err := json.Unmarshal(text, &f); err != nil || f.Rule != "lock-cycle" || f.Fingerprint == "" {
			t.Errorf("%v: %s", err, text)
		}
	})
}
