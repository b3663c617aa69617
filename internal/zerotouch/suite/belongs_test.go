package suite

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// belonging is a module whose goroutines wait for ever, each for the test or the part of
// the program that its channel is named for.
var belonging = map[string]string{
	"go.mod": "module example.com/belonging\n\ngo 1.25\n",
	"help/help.go": `package help

// Spawn starts a goroutine that starts one that waits, and ends.
func Spawn(c chan int) {
	started := make(chan bool)
	go func() {
		go func() { c <- 1 }()
		close(started)
	}()
	<-started
}
`,
	"belonging_test.go": `package belonging

import (
	"os"
	"testing"
	"time"

	"example.com/belonging/help"
)

func init() { go func() { <-make(chan int) }() }

func TestMain(m *testing.M) {
	help.Spawn(make(chan int))
	os.Exit(m.Run())
}

func TestEnds(t *testing.T) {
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			help.Spawn(make(chan int))
			t.Run("deep", func(*testing.T) { help.Spawn(make(chan int)) })
		})
	}
}

func TestHangs(t *testing.T) {
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "two" {
				wait()
			}
		})
	}
}

//go:noinline
func wait() {
	for begun := time.Now(); time.Since(begun) < time.Millisecond; {
	}
	<-make(chan int)
}
`,
}

// TestBelongs holds that goroutines that hang or leak are said to belong to the test, or to
// the part of the program outside of tests, that they descend from: under t.Parallel,
// through helpers of other packages, and where the goroutine between has ended.
func TestBelongs(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	dir := t.TempDir()
	for name, text := range belonging {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "belonging.test")
	if err := testgo.Run(t.Context(), dir, "test", "-c", "-o", program); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) *finding.Report {
		tapes := t.TempDir()
		watch := verdict.Watch(t.Context(), tapes, verdict.Options{})
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = append(os.Environ(), gocmd.TapeDir+"="+tapes)
		out, failed := cmd.CombinedOutput()
		t.Logf("%v\n%s", failed, out)
		rep, err := watch.Finish()
		if err != nil {
			t.Fatal(err)
		}
		return rep
	}
	t.Run("left behind", func(t *testing.T) {
		rep := run("-test.run=^TestEnds$")
		leak := slices.IndexFunc(rep.Findings, func(f finding.Finding) bool { return f.Places[0].Stack.Site().ShortFunc() == "help.Spawn.func.func" })
		if leak < 0 {
			t.Fatalf("no leak of help.Spawn in %+v", rep.Findings)
		}
		want := []string{"TestEnds/one", "TestEnds/one/deep", "TestEnds/two", "TestEnds/two/deep"} // what TestMain starts may stay
		var seen []string
		for _, s := range rep.Findings[leak].Seen {
			seen = append(seen, s.Test)
		}
		slices.Sort(seen)
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("seen in (-want +got):\n%s", diff)
		}
		for _, g := range rep.Findings[leak].Goroutines {
			if !slices.Contains(want, g.Test) {
				t.Errorf("goroutine %d is of %q", g.ID, g.Test)
			}
		}
	})
	t.Run("timed out", func(t *testing.T) {
		rep := run("-test.run=^TestHangs$", "-test.timeout=2s")
		if len(rep.Blocked) != 1 {
			t.Fatalf("blocked %+v", rep.Blocked)
		}
		p := &rep.Blocked[0]
		if want := "TestHangs/two timed out after 2s with 3 goroutines blocked"; p.Headline() != want || !strings.Contains(rep.Summary.Verdict, want) {
			t.Errorf("headline %q, verdict %q, want %q", p.Headline(), rep.Summary.Verdict, want)
		}
		got := make(map[string]string)
		for _, g := range p.Groups {
			got[g.Stack.Site().ShortFunc()] += g.Test
		}
		if diff := cmp.Diff(map[string]string{
			"belonging.wait": "TestHangs/two", "help.Spawn.func.func": "TestMain", "belonging.init.0.func": "init of example.com/belonging",
		}, got); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
	})
}
