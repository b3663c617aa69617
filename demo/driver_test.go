package demo

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestRows is the product's promise: every disease is detected as declared, every
// twin is silent. A row takes up to a second.
func TestRows(t *testing.T) {
	race := new(RaceBuild)
	t.Cleanup(func() {
		if err := race.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, d := range Catalogue() {
		t.Run(d.Name, func(t *testing.T) {
			driver := Driver{Brief: true, Race: race}
			row := driver.Row(t.Context(), d)
			if reason, ok := row.NotRun(); ok {
				t.Skip(reason)
			}
			for _, p := range row.Problems() {
				t.Error(p)
			}
			if !row.Silent() {
				t.Error("a twin is not silent")
			}
		})
	}
}

func mustLookup(t *testing.T, name string) *Demo {
	t.Helper()
	d, ok := Lookup(name)
	if !ok {
		t.Fatalf("no demo %s", name)
	}
	return d
}

func TestHangUnderSyncIsCutAndSilent(t *testing.T) {
	const limit = 300 * time.Millisecond
	driver := Driver{Brief: true, Locks: Sync, Limit: limit}
	run, err := driver.Run(t.Context(), mustLookup(t, "philosophers-deadlock"), "")
	if err != nil {
		t.Fatal(err)
	}
	if run.Ended || run.Wall < limit {
		t.Errorf("ended %t after %v, want a hang that is cut after %v", run.Ended, run.Wall, limit)
	}
	if len(run.Marks) != 1 {
		t.Errorf("marks %v, want one: the moment at which the circle closed", run.Marks)
	}
	for _, s := range run.Sightings {
		if s.By == ByAgent {
			t.Errorf("the agent saw a lock of package sync: %s", s.Finding.Headline())
		}
	}
}

func TestDeadlockIsHandedOverAtOnce(t *testing.T) {
	driver := Driver{Brief: true}
	run, err := driver.Run(t.Context(), mustLookup(t, "philosophers-deadlock"), "")
	if err != nil {
		t.Fatal(err)
	}
	s := (Row{Demo: run.Demo, Sick: run}).Detected()
	if s == nil {
		t.Fatalf("not detected; sightings %+v", run.Sightings)
	}
	if run.Wall >= DefaultLimit {
		t.Errorf("the driver waited %v for a program that was known to hang", run.Wall)
	}
	c := s.Finding.Coffman
	if c == nil || !c.MutualExclusion.Holds || !c.HoldAndWait.Holds || !c.NoPreemption.Holds || !c.CircularWait.Holds {
		t.Errorf("Coffman's conditions %+v, want all four to hold", c)
	}
	for _, g := range s.Finding.Goroutines {
		if len(g.Holds) != 1 || g.Wait == nil {
			t.Errorf("philosopher %d holds %d forks and waits: %t; want one and true", g.ID, len(g.Holds), g.Wait != nil)
		}
	}
}

func TestGoDeadlockSpeaksItsOwnWords(t *testing.T) {
	driver := Driver{Brief: true, Locks: GoDeadlock}
	for name, want := range map[string]string{
		"bank-transfer":          "Inconsistent locking",
		"philosophers-inversion": "", // it compares pairs of locks; the ring has five
	} {
		run, err := driver.Run(t.Context(), mustLookup(t, name), "")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range run.Peer {
			got = append(got, p.Text)
		}
		if text := strings.Join(got, "\n"); !strings.Contains(text, want) || want == "" && text != "" {
			t.Errorf("%s: go-deadlock reported %q, want %q", name, text, want)
		}
	}
}

func TestChildThatFailsIsShown(t *testing.T) {
	var driver Driver
	d := &Demo{Name: "no-such-demo", Expect: Expectation{Rule: "deadlock", Certainty: finding.Observed}}
	row := driver.Row(t.Context(), d)
	if got := strings.Join(row.Problems(), "\n"); !strings.Contains(got, `unknown demo "no-such-demo"`) {
		t.Errorf("problems %q do not show what the child said", got)
	}
}

// TestRaceBuildWithoutTools holds that a machine without the go command, or without a C
// compiler, does not run the demo, and that this is no problem of the demo.
func TestRaceBuildWithoutTools(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	onlyGo := t.TempDir()
	if err := os.Symlink(goTool, filepath.Join(onlyGo, filepath.Base(goTool))); err != nil {
		t.Skip(err)
	}
	for name, test := range map[string]struct{ path, cc, want string }{
		"no go command": {t.TempDir(), "", "executable file not found"},
		"no C compiler": {onlyGo, "no-such-cc", `C compiler "no-such-cc" not found`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", test.path)
			t.Setenv("CC", test.cc)
			driver := Driver{Brief: true, Race: new(RaceBuild)}
			row := driver.Row(t.Context(), mustLookup(t, "lost-update"))
			reason, ok := row.NotRun()
			if !ok || len(row.Problems()) > 0 || !strings.Contains(reason.Error(), test.want) {
				t.Errorf("not run is %t (%v), problems %q; want the reason %q and no problem", ok, reason, row.Problems(), test.want)
			}
		})
	}
}

func TestParseLocks(t *testing.T) {
	for _, want := range AllLocks() {
		if got, err := ParseLocks(string(want)); err != nil || got != want {
			t.Errorf("ParseLocks(%q) = %q, %v", want, got, err)
		}
	}
	if _, err := ParseLocks("spin"); err == nil {
		t.Error("ParseLocks(spin) is no error")
	}
}
