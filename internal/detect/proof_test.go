//go:build !concdoctor_off

package detect_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
)

// runProof runs the program, and returns what it found and how many collections there were.
func runProof(t *testing.T, program, what, least string) (findings string, collections int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, what)
	cmd.Env = append(os.Environ(), "CONCDOCTOR=self_wait=20ms output=none min="+least)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	findings, rest, _ := strings.Cut(string(out), "collections: ")
	if _, err := fmt.Sscan(rest, &collections); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return findings, collections
}

// stuckBroker is what is found of the program that hangs.
const stuckBroker = "\n\twaits at main.(*broker).leave\n\twaits at main.(*broker).publish\n"

// TestUnseenHolder: a goroutine that holds a lock waits for a plain channel, which the agent
// sees only in the stacks of all goroutines.
func TestUnseenHolder(t *testing.T) {
	if goroutines.CanProve() {
		t.Skip("the runtime proves it")
	}
	program := filepath.Join(t.TempDir(), "proof")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/proof").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	if found, _ := runProof(t, program, "hang", "suspected"); found != "deadlock suspected"+stuckBroker {
		t.Errorf("found %q", found)
	}
	if found, _ := runProof(t, program, "sleeper", "suspected"); found != "" {
		t.Errorf("found %q where a goroutine that sleeps may receive", found)
	}
}

// proofProgram builds the program in testdata/proof with a runtime that has the profile of
// leaked goroutines: an experiment of Go 1.26 that later releases do not know.
func proofProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "proof")
	build := func(env ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/proof")
		cmd.Env = append(os.Environ(), env...)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := build("GOEXPERIMENT=goroutineleakprofile")
	if err != nil && strings.Contains(out, "unknown GOEXPERIMENT") {
		out, err = build()
	}
	if err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return program
}

func TestProof(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the standard library once more")
	}
	program := proofProgram(t)
	run := func(t *testing.T, what string) (string, int) {
		t.Helper()
		return runProof(t, program, what, "potential")
	}
	t.Run("plain channels beside a listener", func(t *testing.T) {
		const want = "deadlock proven" + stuckBroker
		if found, _ := run(t, "hang"); found != want {
			t.Errorf("found %q, want %q", found, want)
		}
	})
	t.Run("never while the program computes", func(t *testing.T) {
		if found, n := run(t, "busy"); found != "" || n != 0 {
			t.Errorf("found %q after %d collections, want nothing, and none", found, n)
		}
	})
	t.Run("rarely while it is idle", func(t *testing.T) {
		if found, n := run(t, "idle"); found != "" || n < 1 || n > 4 {
			t.Errorf("found %q after %d collections, want nothing, and one to four", found, n)
		}
	})
}
