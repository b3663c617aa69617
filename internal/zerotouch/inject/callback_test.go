package inject

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// needCompiler skips a test that builds with cgo or -race where there is no C compiler.
func needCompiler(t *testing.T) {
	t.Helper()
	cc, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath(strings.TrimSpace(string(cc))); err != nil {
		t.Skipf("there is no C compiler: %v", err)
	}
}

// TestCallback records what Go does on behalf of C.
func TestCallback(t *testing.T) {
	needCompiler(t)
	t.Run("plain", func(t *testing.T) { callbacks(t, build(t, "callback", "build")) })
	if !testing.Short() {
		t.Run("race", func(t *testing.T) { callbacks(t, build(t, "callback", "build", "-race")) })
	}
}

func callbacks(t *testing.T, name string) {
	called := func(scene string) *tape.Tape {
		t.Helper()
		cmd, tapes := start(t, name, scene)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%s: %v: %s", scene, err, out)
		}
		got := only(t, tapes)
		if len(got.Misuses) != 0 {
			t.Errorf("%s: misuses %v", scene, got.Misuses)
		}
		return got
	}
	t.Run("take", func(t *testing.T) {
		got := called("take")
		by := make(map[uint64]bool)
		for _, d := range got.Dependencies {
			if ours(d.Stack) {
				by[d.Goroutine] = top(d.Stack) == "goTake"
			}
		}
		// The first goroutine, and as many threads as are recorded of one dependency.
		if len(by) != 6 || !by[1] {
			t.Errorf("by goroutines %v", by)
		}
		for _, g := range got.Goroutines {
			for _, h := range g.Held {
				if ours(h.Stack) && (top(h.Stack) != "main" || g.ID != 1) {
					t.Errorf("goroutine %d holds a lock of %s", g.ID, top(h.Stack))
				}
			}
		}
	})
	// Threads that are inside at the same time, and threads of which each ended with its
	// lock: no goroutine holds that of another.
	for _, scene := range []string{"meet", "keep"} {
		t.Run(scene, func(t *testing.T) {
			by, held := make(map[uint64]bool), make(map[uint64]bool)
			got := called(scene)
			for _, d := range got.Dependencies {
				if !ours(d.Stack) {
					continue
				}
				if len(d.Held) != 1 {
					t.Errorf("goroutine %d asks for a lock under %d", d.Goroutine, len(d.Held))
					continue
				}
				by[d.Goroutine], held[d.Held[0].ID] = true, true
			}
			if len(by) != 8 || len(held) != 8 {
				t.Errorf("%d threads with %d locks, want 8", len(by), len(held))
			}
			for _, g := range got.Goroutines {
				if len(g.Held) > 0 {
					t.Errorf("goroutine %d holds %v", g.ID, g.Held)
				}
			}
		})
	}
}
