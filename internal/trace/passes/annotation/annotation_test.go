package annotation_test

import (
	"context"
	"fmt"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/passes/annotation"
	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

const nap = 20 * time.Millisecond

// TestAnnotations writes all kinds of annotation and counts them.
func TestAnnotations(t *testing.T) {
	quit, ready := make(chan int), make(chan int)
	var left sync.WaitGroup
	_, rep := passtest.Capture(t, func() {
		ctx, task := trace.NewTask(t.Context(), "job")
		trace.WithRegion(ctx, "outer", func() {
			trace.WithRegion(ctx, "inner", func() { time.Sleep(nap) })
			trace.WithRegion(ctx, "inner", func() {})
			time.Sleep(nap)
		})
		task.End()
		trace.NewTask(t.Context(), "job") // never ends
		for i := range 20 {
			trace.Logf(context.Background(), "count", "%d", i%7)
		}
		trace.Log(ctx, "long", strings.Repeat("x", 1000))
		left.Go(func() {
			trace.WithRegion(context.Background(), "open", func() { ready <- 1; <-quit })
		})
		<-ready
	}, schedule.New, annotation.New)
	close(quit)
	left.Wait()
	s := rep.Summary.Schedules[0]
	var got []string
	byName := make(map[string]finding.Region)
	for _, r := range s.Regions {
		got = append(got, fmt.Sprintf("%s task %v: %d and %d unfinished", r.Name, r.Task, r.Count, r.Unfinished))
		byName[r.Name] = r
	}
	want := []string{"job task true: 1 and 1 unfinished", "outer task false: 1 and 0 unfinished", "inner task false: 2 and 0 unfinished", "open task false: 0 and 1 unfinished"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
	for name, naps := range map[string]int64{"outer": 2, "inner": 1} {
		r := byName[name]
		if r.IONanos < naps*int64(nap) || r.IONanos > r.Nanos {
			t.Errorf("%s slept %d ns of %d, want at least %d", name, r.IONanos, r.Nanos, naps*int64(nap))
		}
		if sum := r.RunningNanos + r.RunnableNanos + r.IONanos + r.LockNanos + r.SyncNanos; sum < r.Nanos*95/100 || sum > r.Nanos {
			t.Errorf("%s lasted %d ns, its states %d", name, r.Nanos, sum)
		}
	}
	if byName["job"].Nanos < byName["outer"].Nanos {
		t.Errorf("the task is shorter than its region: %+v", byName)
	}
	wantLogs := []finding.LogCategory{
		{Category: "count", Count: 20, Messages: []string{"0", "1", "2", "3", "4"}},
		{Category: "long", Count: 1, Messages: []string{strings.Repeat("x", 200) + "…"}},
	}
	if diff := cmp.Diff(wantLogs, s.Logs); diff != "" {
		t.Errorf("logs (-want +got):\n%s", diff)
	}
}
