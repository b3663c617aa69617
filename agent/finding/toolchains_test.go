package finding_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestToolchains builds one program with the compilers of two releases, and with and
// without inlining: its findings have the same fingerprints and titles each time.
func TestToolchains(t *testing.T) {
	want := closureFindings(t, runtime.Version())
	if len(want) < 12 {
		t.Fatalf("%d findings, want one for each shape of closures:\n%s", len(want), strings.Join(want, "\n"))
	}
	for _, other := range []struct {
		name, toolchain string
		flags           []string
	}{
		{"without inlining", runtime.Version(), []string{"-gcflags=-l"}},
		{"another release", otherRelease(), nil},
		{"another release, without inlining", otherRelease(), []string{"-gcflags=-l"}},
	} {
		t.Run(other.name, func(t *testing.T) {
			if diff := cmp.Diff(want, closureFindings(t, other.toolchain, other.flags...)); diff != "" {
				t.Errorf("findings (-%s, +%s %q):\n%s", runtime.Version(), other.toolchain, other.flags, diff)
			}
		})
	}
}

// otherRelease is a release whose compiler names inlined closures in another way than the
// one at hand: that changed with Go 1.27.
func otherRelease() string {
	if strings.HasPrefix(runtime.Version(), "go1.26") {
		return "go1.27.4"
	}
	return "go1.26.8"
}

// closureFindings returns the findings of the program in testdata, each with its
// fingerprint and title.
func closureFindings(t *testing.T, toolchain string, flags ...string) (all []string) {
	t.Helper()
	if toolchain == runtime.Version() {
		toolchain = "local"
	}
	env := append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN="+toolchain)
	version := exec.CommandContext(t.Context(), "go", "version")
	version.Env = env
	if out, err := version.CombinedOutput(); err != nil && bytes.Contains(out, []byte("download")) {
		t.Skipf("%s is not on this machine and cannot be fetched: %s", toolchain, out)
	} else if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	program := filepath.Join(t.TempDir(), "closures")
	build := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", program}, flags...), "./testdata/closures")...)
	build.Env = env
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building with %s: %v\n%s", toolchain, err, out)
	}
	run := exec.CommandContext(t.Context(), program)
	run.Env = append(os.Environ(), "CONCDOCTOR=format=json")
	var stderr bytes.Buffer
	run.Stderr = &stderr
	if err := run.Run(); err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	rep, err := finding.ReadLines(&stderr)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rep.Findings {
		all = append(all, rep.Findings[i].Fingerprint+" "+rep.Findings[i].Title)
	}
	slices.Sort(all)
	return all
}
