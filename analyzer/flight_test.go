package analyzer

import (
	"bytes"
	"context"
	"runtime/trace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// early stands in the part of a recording that its snapshot must have forgotten.
const early = "a mark of the recorder's first moments"

// snapshotHolds is how many holds of the lock a snapshot sees at least.
const snapshotHolds = 60

// flight keeps a flight recorder on while goroutines queue for a lock and one blocks
// for ever, and returns a snapshot that begins in the middle of that.
func flight(t testing.TB) []byte {
	t.Helper()
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: time.Millisecond})
	if err := recorder.Start(); err != nil {
		t.Fatal(err)
	}
	defer recorder.Stop()
	trace.Log(context.Background(), "note", early)
	nobody := make(chan int)
	go blockForEver(nobody)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		ended atomic.Bool
	)
	held := make(chan bool)
	for range 3 {
		wg.Go(func() {
			for !ended.Load() {
				hold(&mu)
				select {
				case held <- true:
				default:
				}
			}
		})
	}
	defer wg.Wait()
	defer ended.Store(true)
	defer func() { <-nobody }()
	for {
		for range snapshotHolds {
			<-held
		}
		var buf bytes.Buffer
		if _, err := recorder.WriteTo(&buf); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(buf.Bytes(), []byte(early)) {
			return buf.Bytes()
		}
	}
}

func blockForEver(nobody chan<- int) { nobody <- 1 }

// TestFlightRecorder holds that a snapshot of a flight recorder is a trace like any
// other, although it begins in the middle of everything.
func TestFlightRecorder(t *testing.T) {
	rep, err := analyzeBytes(t, flight(t))
	if err != nil || len(rep.Warnings) > 0 || rep.Inputs[0].Kind != "execution trace" {
		t.Fatalf("error %v, warnings %v, inputs %+v", err, rep.Warnings, rep.Inputs)
	}
	at := make(map[string]*finding.Finding)
	for i := range rep.Findings {
		f := &rep.Findings[i]
		if familyOf(f.Rule) == "schedule" {
			continue // the machine's, which may have other things to do
		}
		at[string(f.Rule)+" "+f.Certainty.String()+" "+f.Places[0].Stack.User().ShortFunc()] = f
	}
	for _, want := range []string{"blocking-under-lock observed analyzer.hold", "contention observed analyzer.hold", "goroutine-leak suspected analyzer.blockForEver"} {
		f := at[want]
		switch {
		case f == nil:
			t.Errorf("no %s among %q", want, headlines(rep))
		case f.Rule == "goroutine-leak" && !strings.Contains(f.Title, "for more than "):
			t.Errorf("its wait began before the snapshot, but %s", f.Headline())
		}
	}
	if len(at) != 3 {
		t.Errorf("findings %q", headlines(rep))
	}
	for _, g := range rep.Summary.Schedules[0].Groups {
		if g.Verdict == finding.CPUBound && g.RunningNanos < g.LifeNanos/2 {
			t.Errorf("%s is called CPU-bound, and ran for %d of %d ns", g.Entry, g.RunningNanos, g.LifeNanos)
		}
	}
}
