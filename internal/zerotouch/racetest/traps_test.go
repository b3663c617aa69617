package racetest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// clean are scenes without a race.
var clean = []string{"timers", "rwmutex", "reuse", "many", "tiny", "pointers", "large"}

// racy are scenes with one, and what is said of it.
var racy = []struct{ scene, name, detail, fix string }{
	{"forgotten", "main.shared.n", "holds main.shared.mu; ", "acquire main.shared.mu around the access at main.forgotten.func"},
	{"twoLocks", "main.shared.n", "different locks do not exclude each other", "hold the same lock at both accesses"},
	{"readLocked", "main.shared.n", "Both hold main.shared.rw, ", "acquire main.shared.rw with Lock, not RLock"},
	{"mixed", "main.shared.word", "One access is atomic, and the other is not", "use sync/atomic at main.mixed.func"},
	{"killed", "main.shared.n", "holds main.shared.mu; ", "acquire main.shared.mu"},
	{"recovered", "main.shared.n", "", ""},
	{"deep", "main.shared.n", "", ""},
}

func TestTraps(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the standard library once more")
	}
	needRecording(t)
	program := filepath.Join(t.TempDir(), "traps")
	if err := testgo.RunForRaces(t.Context(), filepath.Join("testdata", "traps"), "build", "-o", program, "."); err != nil {
		t.Fatal(err)
	}
	for _, scene := range clean {
		t.Run(scene, func(t *testing.T) {
			for _, processors := range []string{"1", "2"} {
				tp, out := record(t, []string{"GOMAXPROCS=" + processors}, program, scene)
				if !strings.Contains(out, "done") || len(tp.Races) > 0 {
					t.Errorf("%d races: %+v\n%s", len(tp.Races), tp.Races, tail(out))
				}
			}
		})
	}
	for _, tt := range racy {
		t.Run(tt.scene, func(t *testing.T) {
			f := onlyRace(t, program, tt.scene)
			if f.Rule != finding.RuleDataRace || f.Certainty != finding.Observed || len(f.Goroutines) != 2 {
				t.Fatalf("got %+v", f)
			}
			if name := f.Resources[0].Name; name != tt.name {
				t.Errorf("the variable is %q, want %q", name, tt.name)
			}
			if !strings.Contains(f.Detail, tt.detail) || !strings.Contains(f.Fix, tt.fix) {
				t.Errorf("detail %q, fix %q", f.Detail, f.Fix)
			}
			for _, g := range f.Goroutines {
				if g.ID == 0 || g.Created.IsZero() {
					t.Errorf("goroutine without id or creation: %+v", g)
				}
			}
		})
	}
	t.Run("stacks stay whole", func(t *testing.T) { stacksStayWhole(t, program) })
	t.Run("no room", func(t *testing.T) { noRoom(t, program) })
}

// onlyRace runs a scene with one race and returns the finding.
func onlyRace(t *testing.T, program, scene string) finding.Finding {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), program, scene)
	cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+dir)
	out, _ := cmd.CombinedOutput() // one is killed
	watch := verdict.Watch(context.Background(), dir, verdict.Options{})
	rep, err := watch.Finish()
	if err != nil {
		t.Fatal(err)
	}
	var found []finding.Finding
	for _, f := range rep.Findings {
		if f.Rule == finding.RuleDataRace {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d races, want 1: %+v\n%s", len(found), found, tail(string(out)))
	}
	return found[0]
}

// noRoom: a process that may not reserve the shadow says so.
func noRoom(t *testing.T, program string) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	out, err := exec.CommandContext(t.Context(), sh, "-c", `ulimit -v 20000000; exec "$0" tiny`, program).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--races reserves 0.6 TB of address space") {
		t.Errorf("%v\n%s", err, tail(string(out)))
	}
}

// stacksStayWhole: after thousands of recovered panics a stack is as deep as it is.
func stacksStayWhole(t *testing.T, program string) {
	tp, out := record(t, nil, program, "recovered")
	if len(tp.Races) == 0 {
		t.Fatalf("no race:\n%s", tail(out))
	}
	for _, r := range tp.Races {
		for _, a := range []tape.Access{r.Later, r.Earlier} {
			if n := len(a.Stack); n == 0 || n > 4 {
				t.Errorf("stack of %d frames: %v", n, a.Stack)
			}
		}
	}
	tp, _ = record(t, nil, program, "deep")
	for _, r := range tp.Races {
		if len(r.Later.Stack) < 60 {
			t.Errorf("stack of %d frames, want all that are written down", len(r.Later.Stack))
		}
	}
}
