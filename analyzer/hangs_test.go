package analyzer

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// buildHangs builds the program of testdata/hangs.
func buildHangs(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "hangs")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/hangs")
	build.Env = append(os.Environ(), "GOEXPERIMENT=goroutineleakprofile")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// recordHangs runs the program and returns where its files are.
func recordHangs(t *testing.T, program string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), program, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// TestHangs holds that what a trace, a profile of goroutines, the garbage collector's
// proof and a dump say of goroutines that hang is one finding a place, in whatever order
// they are read: as sure as the surest of them, with a piece of evidence from each, and
// with no goroutine counted twice.
func TestHangs(t *testing.T) {
	program := buildHangs(t)
	all := []string{"trace", "goroutine", "goroutineleak", "dump"}
	for _, tt := range []struct {
		inputs []string
		want   map[string][]string
	}{
		{all, map[string][]string{
			"goroutine-leak observed main.leakSend × 12": all,
			"stuck observed main.stuckReceive × 12":      all,
			"abandoned-lock observed main.stuckLock × 3": all,
		}},
		{[]string{"trace", "goroutine", "dump"}, map[string][]string{
			"goroutine-leak potential main.leakSend × 12": {"trace", "goroutine", "dump"},
			"stuck potential main.stuckReceive × 12":      {"trace", "goroutine", "dump"},
			"abandoned-lock potential main.stuckLock × 3": {"trace", "goroutine", "dump"},
		}},
		{[]string{"goroutine", "goroutineleak", "dump"}, map[string][]string{
			"goroutine-leak observed main.leakSend × 12":     {"goroutine", "goroutineleak", "dump"},
			"goroutine-leak observed main.stuckReceive × 12": {"goroutine", "goroutineleak", "dump"},
			"goroutine-leak observed main.stuckLock × 3":     {"goroutine", "goroutineleak", "dump"},
		}},
	} {
		for range 2 {
			t.Run(strings.Join(tt.inputs, "+"), func(t *testing.T) { settleHangs(t, program, tt.inputs, tt.want) })
			slices.Reverse(tt.inputs)
		}
	}
}

// settleHangs records several times: what the trace says depends on when its goroutines
// got a processor.
func settleHangs(t *testing.T, program string, inputs []string, want map[string][]string) {
	sorted := make(map[string][]string)
	for name, sources := range want {
		sorted[name] = slices.Sorted(slices.Values(sources))
	}
	var diff string
	for range 4 {
		dir := recordHangs(t, program)
		var paths []string
		for _, name := range inputs {
			paths = append(paths, filepath.Join(dir, name))
		}
		rep, err := Analyze(t.Context(), paths, Options{})
		if err != nil || len(rep.Warnings) > 0 {
			t.Fatalf("error %v, warnings %v", err, rep.Warnings)
		}
		if diff = cmp.Diff(sorted, hangs(rep)); diff == "" {
			return
		}
	}
	t.Errorf("findings and their sources (-want +got):\n%s", diff)
}

// hangs returns the sources of the findings that are about waiting without end.
func hangs(rep *finding.Report) map[string][]string {
	all := make(map[string][]string)
	for i := range rep.Findings {
		f := &rep.Findings[i]
		if !isHang(f.Rule) {
			continue
		}
		name := fmt.Sprintf("%s %s %s × %.0f", f.Rule, f.Certainty, where(f), count(f))
		if f.Count != 1 {
			name += fmt.Sprintf(", %d times", f.Count)
		}
		for all[name] != nil {
			name += " again"
		}
		for _, e := range f.Evidence {
			all[name] = append(all[name], filepath.Base(e.Source))
		}
		slices.Sort(all[name])
	}
	return all
}

// count is how many goroutines the finding speaks of.
func count(f *finding.Finding) float64 {
	measures := f.Measures
	for _, p := range f.Places {
		measures = append(slices.Clip(measures), p.Measures...)
	}
	i := slices.IndexFunc(measures, func(m finding.Measure) bool { return m.Name == "goroutines" })
	return measures[i].Value
}

// TestLeakChain holds that leaked goroutines which wait for a lock are no finding of their
// own: the one that holds it is, and says why.
func TestLeakChain(t *testing.T) {
	dir := t.TempDir()
	program, file := filepath.Join(dir, "leakchain"), filepath.Join(dir, "leaks.pb.gz")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./testdata/leakchain")
	build.Env = append(os.Environ(), "GOEXPERIMENT=goroutineleakprofile")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.CommandContext(t.Context(), program, file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rep, err := Analyze(t.Context(), []string{file}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"deadlock potential main.(*journal).flush"}, ills(rep)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	if m := rep.Findings[0].Measures; len(m) == 0 || m[0].Value != 4 {
		t.Errorf("beside the cycle of two there are four, measures %v", m)
	}
}
