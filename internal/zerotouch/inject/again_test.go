package inject

import (
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// TestPermits holds that a request under a permit is recorded however often it was taken before,
// and with the place where it was taken.
func TestPermits(t *testing.T) {
	held := make(map[string]int)
	for _, d := range play(t, "permits").Dependencies {
		if ours(d.Stack) && len(d.Held) == 1 && d.Held[0].Kind == tape.Chan {
			held[top(d.Stack)+" under "+top(d.Held[0].Stack)]++
		}
	}
	if held["permits under permits"] != 1 || held["permits.func2 under elsewhere"] != 1 || len(held) != 2 {
		t.Errorf("requests under permits: %v", held)
	}
}

// TestCloses holds that a close which is seen is on the tape, with the goroutine that closed, however
// many were closed there before.
func TestCloses(t *testing.T) {
	got := play(t, "closes")
	closes, seen := 0, 0
	for _, u := range got.Uses {
		if u.Side == tape.Close && u.Time != 0 && top(u.Stack) == "closeIt" {
			closes++
		}
		if u.Side != tape.SawClosed || top(u.Stack) != "closes" {
			continue
		}
		for _, c := range got.Uses {
			if c.Object == u.Object && c.Side == tape.Close && c.Time != 0 && c.Time < u.Time && c.Goroutine != u.Goroutine && top(c.Stack) == "closeIt" {
				seen++
			}
		}
	}
	if seen != 1 || closes > 300 {
		t.Errorf("%d closes of a channel that is found closed, %d of all", seen, closes)
	}
}

// TestSince holds that a wait which is not measured begins after what its goroutine has recorded before.
func TestSince(t *testing.T) {
	got := play(t, "since")
	requested := make(map[uint64]int64)
	for _, d := range got.Dependencies {
		requested[d.Goroutine] = d.Time
	}
	waiting := 0
	for _, g := range got.Goroutines {
		if at, ok := requested[g.ID]; ok && g.Wait != nil {
			if g.Wait.Since < at || g.Wait.Since > got.Now {
				t.Errorf("it waits since %d, and has requested at %d; the tape ends at %d", g.Wait.Since, at, got.Now)
			}
			waiting++
		}
	}
	if waiting != 6 {
		t.Errorf("%d goroutines wait, want 6", waiting)
	}
}
