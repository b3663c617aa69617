package diagnosis

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

// shapeTest is a test of testdata/shapes with what its dump must show.
type shapeTest struct {
	name, want string
	// quit is what the dump on SIGQUIT shows, "" for the same or less.
	quit string
}

var wantLine = regexp.MustCompile(`// want: ([^\n]*)\n(?:// quit: ([^\n]*)\n)?func (Test\w+)\(`)

func shapeTests(t *testing.T) []shapeTest {
	t.Helper()
	files, err := filepath.Glob("testdata/shapes/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var all []shapeTest
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range wantLine.FindAllStringSubmatch(string(text), -1) {
			all = append(all, shapeTest{m[3], m[1], m[2]})
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %d shapes", len(all))
	}
	return all
}

func buildShapes(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "shapes.test")
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", program, "./testdata/shapes").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return program
}

// outcome is what a dump shows, in short: "rule certainty: functions that wait".
func outcome(j Judgement) []string {
	var all []string
	for _, f := range j.Findings {
		if f.Severity == finding.Info {
			continue
		}
		var at []string
		for _, g := range f.Goroutines {
			if g.Wait != nil {
				at = append(at, g.Wait.Stack.User().ShortFunc())
			}
		}
		slices.Sort(at)
		all = append(all, fmt.Sprintf("%s %s: %s", f.Rule, f.Certainty, strings.Join(slices.Compact(at), ", ")))
	}
	return all
}

// meets reports whether the outcome is the wanted one, of which the functions are parts of
// names, and the certainty the least.
func meets(got []string, want string) bool {
	if strings.HasPrefix(want, "none") {
		return len(got) == 0
	}
	if len(got) != 1 {
		return false
	}
	head, functions, _ := strings.Cut(want, ": ")
	gotHead, gotFunctions, _ := strings.Cut(got[0], ": ")
	for f := range strings.SplitSeq(functions, ", ") {
		if !strings.Contains(gotFunctions, f) && !strings.Contains(f, "/") {
			return false
		}
	}
	return gotHead == head
}

// dumpsOf runs one test and returns what it writes as it times out, or on SIGQUIT.
func dumpsOf(ctx context.Context, program, name string, quit bool) (string, error) {
	timeout := "1s"
	if quit {
		timeout = "1m"
	}
	cmd := exec.CommandContext(ctx, program, "-test.run", "^"+name+"$", "-test.timeout", timeout)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return "", err
	}
	if quit {
		time.Sleep(time.Second) // the moment does not matter: the test stands still, or is on its way
		if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
			return "", err
		}
	}
	_ = cmd.Wait() // it fails: that is the point
	return out.String(), nil
}

// atOnce is how many tests run at a time: they do nothing but wait.
const atOnce = 16

// shapeRun is one run of a test.
type shapeRun struct {
	shapeTest
	onQuit bool
	text   string
	err    error
}

func runShapes(t *testing.T) []*shapeRun {
	program := buildShapes(t)
	var runs []*shapeRun
	for _, s := range shapeTests(t) {
		runs = append(runs, &shapeRun{shapeTest: s}, &shapeRun{shapeTest: s, onQuit: true})
	}
	var g sync.WaitGroup
	slots := make(chan bool, atOnce)
	for _, r := range runs {
		g.Go(func() {
			slots <- true
			r.text, r.err = dumpsOf(t.Context(), program, r.name, r.onQuit)
			<-slots
		})
	}
	g.Wait()
	return runs
}

// TestShapes holds what the dumps of tests that hang show, and that those of healthy ones
// show nothing.
func TestShapes(t *testing.T) {
	for _, r := range runShapes(t) {
		t.Run(fmt.Sprintf("%s/quit=%v", r.name, r.onQuit), func(t *testing.T) {
			if r.err != nil {
				t.Fatal(r.err)
			}
			dumps := mustRead(t, r.text)
			if len(dumps) != 1 {
				t.Fatalf("%d dumps in\n%s", len(dumps), r.text)
			}
			r.check(t, dumps[0].Judge(Options{Name: "dump", Sources: lockset.New(nil)}))
		})
	}
}

func (r *shapeRun) check(t *testing.T, judged Judgement) {
	t.Helper()
	sentences.Hold(t, judged.Findings...)
	got := outcome(judged)
	want := r.want
	switch {
	case r.onQuit && r.quit != "":
		want = r.quit
	case r.onQuit && !meets(got, want):
		// A signal says less than a time-out: not that the test hangs.
		rule, rest, _ := strings.Cut(want, " ")
		_, functions, _ := strings.Cut(rest, ": ")
		want = rule + " suspected: " + functions
		if !meets(got, want) && rule == "deadlock" {
			want = "stuck suspected: " + functions
		}
	}
	if !meets(got, want) {
		t.Errorf("found %q, want %q\n%s", got, want, r.text)
	}
	if !r.onQuit && (judged.Blocked == nil || !strings.Contains(judged.Blocked.Headline(), "timed out after 1s with ")) {
		t.Errorf("blocked: %+v", judged.Blocked)
	}
}
