//go:build !concdoctor_off

package suite

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCallbacksFromC takes locks in functions that C calls.
func TestCallbacksFromC(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("there is no C compiler")
	}
	binary := filepath.Join(t.TempDir(), "callback")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./testdata/callback")
	build.Env = append(build.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), binary).CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "the program ends\n") || strings.Count(string(out), "lock-cycle (potential)") != 1 {
		t.Errorf("want one inversion and the program's end: %v\n%s", err, out)
	}
}
