package inject

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// build builds what lies in a directory of testdata with zero touch, once for all tests.
func build(t *testing.T, dir string, args ...string) string {
	t.Helper()
	if !Available(runtime.GOOS, runtime.GOARCH) {
		t.Skip("nothing is recorded here")
	}
	out, err := built.program(dir, args)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTests records the tests of a package: which ran, and what was done for which.
func TestTests(t *testing.T) {
	name := build(t, "tests", "test", "-c")
	t.Run("asleep", func(t *testing.T) { bubbleAsleep(t, name) })
	t.Run("benchmark", func(t *testing.T) {
		cmd, tapes := start(t, name, "-test.run=^$", "-test.bench=.", "-test.benchtime=1x")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if tests := only(t, tapes).Tests; len(tests) == 0 || tests[0].Name != "BenchmarkNothing" || tests[0].End == 0 {
			t.Errorf("tests %v, want the benchmark", tests)
		}
	})
	t.Run("many", func(t *testing.T) { manyTests(t, name) })
	cmd, tapes := start(t, name, "-test.run=Outer|TestBubble$|Fuzz")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: TestOuter/parallel") || strings.Contains(string(out), "--- FAIL: TestBubble") {
		t.Fatalf("%v\n%s", err, out)
	}
	got := only(t, tapes)
	failed := make(map[string]bool)
	for _, test := range got.Tests {
		if test.Begin == 0 || test.End < test.Begin {
			t.Errorf("%s ran from %d to %d", test.Name, test.Begin, test.End)
		}
		failed[test.Name] = test.Failed
	}
	want := map[string]bool{
		"TestOuter": true, "TestOuter/inner": false, "TestOuter/parallel": true, "TestBubble": false,
		"FuzzNothing": false, "FuzzNothing/seed#0": false,
	}
	for name, is := range want {
		if was, ran := failed[name]; !ran || was != is {
			t.Errorf("%s: ran %v, failed %v, want %v", name, ran, was, is)
		}
	}
	of := ""
	for _, d := range got.Dependencies {
		if len(d.Stack) > 0 && strings.HasSuffix(d.Stack[0].Func, ".both") {
			of += d.Test
		}
	}
	if of != "TestOuter/inner" {
		t.Errorf("a dependency of the test %q, want TestOuter/inner", of)
	}
}

// manyTests holds that what tests ran stays known where other records are overwritten.
func manyTests(t *testing.T, name string) {
	cmd, tapes := start(t, name, "-test.run=Many")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := only(t, tapes)
	over := 0
	for _, test := range got.Tests {
		if test.Begin != 0 && test.End >= test.Begin {
			over++
		}
	}
	if over != 1001 || got.Dropped == 0 {
		t.Errorf("%d tests ran to their end, %d records dropped", over, got.Dropped)
	}
}

// bubbleAsleep looks at goroutines that sleep for ever in a bubble, which ends it.
func bubbleAsleep(t *testing.T, name string) {
	cmd, tapes := start(t, name, "-test.run=BubbleAsleep")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "deadlock: ") {
		t.Fatalf("%v\n%s", err, out)
	}
	waits := 0
	for _, g := range only(t, tapes).Goroutines {
		if g.Bubble && g.Wait != nil && g.Test == "TestBubbleAsleep" && len(g.Wait.Stack) > 0 && strings.HasPrefix(g.Wait.Stack[0].Package(), "example.com/tests") {
			waits++
		}
	}
	if waits != 2 {
		t.Errorf("%d goroutines of the bubble wait, want 2", waits)
	}
}

// TestRace records programs that the race detector is built into, which finds no fault
// with the recorder.
func TestRace(t *testing.T) {
	if testing.Short() {
		t.Skip("this builds the standard library once more")
	}
	needCompiler(t)
	name := build(t, "scenes", "build", "-race")
	for scene, want := range map[string]int{"inversion": 2, "handover": 2, "waits": 9, "hold": 4} {
		cmd, tapes := start(t, name, scene)
		out, err := cmd.CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", scene, err, out)
		}
		if got := said(only(t, tapes)); strings.Count(got, "\n")+1 < want {
			t.Errorf("%s: said\n%s", scene, got)
		}
	}
	name = build(t, "hangs", "build", "-race")
	for _, shape := range []string{"self", "ring", "locks"} {
		t.Run(shape, func(t *testing.T) {
			h := hang(t, name, shape, "SIGKILL")
			h.prove(strings.Count(hangs[shape], "waits"))
			h.end("SIGKILL")
		})
	}
}

// TestStandardLibrary runs the standard library's own tests of what is changed, while it
// records.
func TestStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("this runs many tests")
	}
	if !Available(runtime.GOOS, runtime.GOARCH) {
		t.Skip("nothing is recorded here")
	}
	t.Parallel() // with TestOtherSystems: compiling a large package leaves a processor idle
	tapes := t.TempDir()
	if err := testgo.RunWith(t.Context(), []string{"CONCDOCTOR_TAPE_DIR=" + tapes}, ".", "test", "-count=1", "-short", "sync", "context", "internal/sync", "testing/synctest"); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(tapes)
	if err != nil || len(names) < 4 {
		t.Errorf("%d tapes, %v", len(names), err)
	}
	for _, one := range read(t, tapes) {
		if one.End == tape.Running || one.End == tape.Killed {
			t.Errorf("%s did not end", one.Executable)
		}
	}
}

// TestOtherSystems compiles what is changed for systems that this machine is not.
func TestOtherSystems(t *testing.T) {
	if testing.Short() {
		t.Skip("this builds much of the standard library for each")
	}
	t.Parallel()
	for _, system := range []string{"linux/arm64", "linux/386", "darwin/arm64", "windows/amd64"} {
		goos, goarch, _ := strings.Cut(system, "/")
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			env := []string{"GOOS=" + goos, "GOARCH=" + goarch, "CGO_ENABLED=0"}
			if err := testgo.RunWith(t.Context(), env, ".", "build", "runtime", "sync", "testing"); err != nil {
				t.Error(err)
			}
		})
	}
}
