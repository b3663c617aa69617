//go:build !concdoctor_off

package detect_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// proofProgram builds the program in testdata/proof with a runtime that has the profile of
// leaked goroutines: an experiment of Go 1.26, which later releases ignore.
func proofProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "proof")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/proof")
	build.Env = append(os.Environ(), "GOEXPERIMENT=goroutineleakprofile")
	if out, err := build.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "unknown GOEXPERIMENT") {
			build.Env = os.Environ()
			if out, err = build.CombinedOutput(); err == nil {
				return program
			}
		}
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	return program
}

func TestProof(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the standard library once more")
	}
	program := proofProgram(t)
	run := func(t *testing.T, what string) (findings string, collections int) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), program, what)
		cmd.Env = append(os.Environ(), "CONCDOCTOR=self_wait=20ms output=none min=potential")
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
	t.Run("plain channels beside a listener", func(t *testing.T) {
		const want = "deadlock proven\n\twaits at main.(*broker).leave\n\twaits at main.(*broker).publish\n"
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
