package schedule_test

import (
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestTimeline holds the areas under the lines against the sums of the groups, which
// are counted apart, without what turned out to be the system's own later.
func TestTimeline(t *testing.T) {
	s := summarize(t, func() { onLock(3); onChannel(2); start(4, compute) })
	area := make(map[string]float64)
	for _, line := range s.Timeline {
		for i, v := range line.Values {
			area[line.Name] += v * float64(min(line.StepNanos, s.WallNanos-int64(i)*line.StepNanos))
		}
	}
	var groups finding.Group
	for _, g := range s.Groups {
		groups.LifeNanos += g.LifeNanos
		groups.RunningNanos += g.RunningNanos
		groups.RunnableNanos += g.RunnableNanos
		groups.LockNanos += g.LockNanos
	}
	for name, want := range map[string]int64{
		"in flight": groups.LifeNanos, "running": groups.RunningNanos, "ready": groups.RunnableNanos, "waiting for locks": groups.LockNanos,
	} {
		if got := area[name]; math.Abs(got-float64(want)) > 0.05*float64(want)+float64(5*time.Millisecond) {
			t.Errorf("%s: %v under the line, %v in the groups", name, time.Duration(got), time.Duration(want))
		}
	}
	var locks int64
	for _, b := range s.Blocked {
		if b.Reason == "mutex" {
			locks += b.Nanos
		}
	}
	if locks != groups.LockNanos || s.BlockedNanos < locks {
		t.Errorf("%d ns blocked on mutexes by stack, %d by group, %d in all", locks, groups.LockNanos, s.BlockedNanos)
	}
}

func TestInterference(t *testing.T) {
	const cycles = 5
	s := summarize(t, func() {
		for range cycles {
			runtime.GC()
		}
	})
	i := s.Interference
	if i.Collections < cycles || i.Collections > cycles+3 {
		t.Errorf("%d collections, want %d or few more", i.Collections, cycles)
	}
	if i.Stops < 2*cycles || i.StopNanos <= 0 || i.MaxStopNanos > i.StopNanos || i.MarkNanos <= 0 || i.MarkNanos > s.WallNanos {
		t.Errorf("%+v", i)
	}
}
