package analyzer

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"runtime"
	"runtime/trace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/gotrace"
)

// maxText is longer than any text of ours about a damaged trace may be: the
// reader's own run to megabytes.
const maxText = 1000

// analyzeBytes analyzes a trace given as bytes. It checks what must hold for any
// input: a report, texts of a bearable length.
func analyzeBytes(t *testing.T, data []byte) (*finding.Report, error) {
	t.Helper()
	rep, err := Analyze(context.Background(), []string{"-"}, Options{Stdin: bytes.NewReader(data)})
	if err != nil && len(err.Error()) > maxText {
		t.Errorf("an error of %d bytes: %.200s…", len(err.Error()), err)
	}
	for _, w := range rep.Warnings {
		if len(w.Text) > maxText || strings.Contains(w.Text, "\n") {
			t.Errorf("a warning of %d bytes: %.200s…", len(w.Text), w.Text)
		}
	}
	for _, s := range rep.Summary.Schedules {
		if s.WallNanos < 0 || s.Concurrency.Mean < 0 || s.Parallelism.Mean < 0 || s.Parallelism.Max < 0 {
			t.Errorf("negative summary: %+v", s)
		}
	}
	return rep, err
}

// hold keeps the mutex for a while.
func hold(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
	time.Sleep(2 * time.Millisecond)
}

// record traces a program that has every kind of wait. Its length makes several
// generations: the tracer begins a new one each second.
func record(t testing.TB, length time.Duration) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	ch := make(chan int)
	end := time.Now().Add(length)
	for range 3 {
		wg.Go(func() {
			for time.Now().Before(end) {
				hold(&mu)
			}
		})
		wg.Go(func() {
			for v := range ch {
				trace.Log(context.Background(), "value", strings.Repeat("x", v%5))
			}
		})
	}
	wg.Go(func() {
		defer close(ch)
		for i := 0; time.Now().Before(end); i++ {
			trace.WithRegion(context.Background(), "send", func() { ch <- i })
			time.Sleep(200 * time.Microsecond)
		}
	})
	wg.Wait()
	trace.Stop()
	return buf.Bytes()
}

func TestTrace(t *testing.T) {
	rep, err := analyzeBytes(t, record(t, 300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Warnings) > 0 {
		t.Errorf("warnings: %v", rep.Warnings)
	}
	var found bool
	for _, f := range rep.Findings {
		if f.Rule == "blocking-under-lock" {
			found = true
			if at := f.Places[0].Stack.User().ShortFunc(); f.Certainty != finding.Observed || at != "analyzer.hold" {
				t.Errorf("%s, blocks at %s", f.Headline(), at)
			}
		}
	}
	if !found {
		t.Errorf("no blocking-under-lock among %d findings", len(rep.Findings))
	}
	s := rep.Summary.Schedules[0]
	if s.WallNanos < int64(300*time.Millisecond) || rep.Inputs[0].Nanos != s.WallNanos || rep.Inputs[0].Events == 0 {
		t.Errorf("input %+v, schedule %+v", rep.Inputs[0], s)
	}
}

// TestTruncatedTrace cuts a trace of several generations at many places. Behind
// the first generation there must be an analysis, and one warning and an error that say
// what was lost: half a trace is never healthy. Before it, there is a clear error.
func TestTruncatedTrace(t *testing.T) {
	data := record(t, 2300*time.Millisecond)
	analyzed := 0
	for i := range 41 {
		cut := len(data) * i / 41
		rep, err := analyzeBytes(t, data[:cut])
		switch {
		case err == nil || !strings.Contains(err.Error(), "standard input"):
			t.Errorf("cut at %d of %d: no error that names the input: %v", cut, len(data), err)
		case len(rep.Summary.Schedules) == 0:
			if len(rep.Findings) > 0 {
				t.Errorf("cut at %d of %d: nothing read, and findings", cut, len(data))
			}
		case len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0].Text, "the rest is lost"):
			t.Errorf("cut at %d of %d: warnings %v", cut, len(data), rep.Warnings)
		default:
			analyzed++
			if rep.Summary.Schedules[0].WallNanos < int64(500*time.Millisecond) {
				t.Errorf("cut at %d of %d: only %v analyzed", cut, len(data), rep.Summary.Schedules[0].WallNanos)
			}
			if !strings.HasSuffix(rep.Summary.Verdict, "standard input could be read in part only") {
				t.Errorf("cut at %d of %d: the headline is %q", cut, len(data), rep.Summary.Verdict)
			}
		}
	}
	if analyzed < 10 {
		t.Errorf("only %d of 41 cuts could be analyzed", analyzed)
	}
}

// TestDamagedTrace overwrites bytes at random. Whatever comes of it, it must be an
// error, a warning or a report, within time and memory.
func TestDamagedTrace(t *testing.T) {
	data := record(t, 100*time.Millisecond)
	rnd := rand.New(rand.NewPCG(5, 6))
	warned := 0
	for range 300 {
		bad := bytes.Clone(data)
		for range 1 + rnd.IntN(4) {
			bad[16+rnd.IntN(len(bad)-16)] = byte(rnd.Uint32())
		}
		if rep, err := analyzeBytes(t, bad); err != nil || len(rep.Warnings) > 0 {
			warned++
		}
	}
	if warned < 100 {
		t.Errorf("only %d of 300 damaged traces were noticed", warned)
	}
	garbage := append([]byte("go 1.26 trace\x00\x00\x00"), make([]byte, 1<<16)...)
	for i := 16; i < len(garbage); i++ {
		garbage[i] = byte(rnd.Uint32())
	}
	if _, err := analyzeBytes(t, garbage); err == nil {
		t.Error("garbage behind a header was analyzed")
	}
}

// maxAllocated is how much a small trace may allocate in all, whatever it claims to
// hold: a count or a length in it must not be believed.
const maxAllocated = 256 << 20

// FuzzTrace sends damage through the reader and all passes: an error, a warning or a
// report that can be saved must come of it.
func FuzzTrace(f *testing.F) {
	f.Add(record(f, 10*time.Millisecond))
	f.Add(flight(f))
	f.Add([]byte("go 1.26 trace\x00\x00\x00"))
	f.Add([]byte("go 1.21 trace\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, []byte("go 1.")) {
			return // other readers have targets of their own
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rep, _ := analyzeBytes(t, data) // looks at the error
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > maxAllocated && len(data) < maxAllocated/1000 {
			t.Errorf("%d MB allocated for %d bytes", n>>20, len(data))
		}
		if err := rep.Write(io.Discard); err != nil {
			t.Errorf("saving the report: %v", err)
		}
	})
}

// TestGoTraces runs Go's own golden traces, good and bad, through all passes.
func TestGoTraces(t *testing.T) {
	golden, err := gotrace.Golden()
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range golden {
		rep, err := analyzeBytes(t, tr.Data)
		clean := err == nil && len(rep.Warnings) == 0
		if clean != tr.Good {
			t.Errorf("%s: good is %v, but error %v, warnings %v", tr.Name, tr.Good, err, rep.Warnings)
		}
	}
	corpus, err := gotrace.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range corpus {
		if _, err := analyzeBytes(t, tr.Data); err != nil && !strings.Contains(err.Error(), "standard input") {
			t.Errorf("%s: the error does not name the input: %v", tr.Name, err)
		}
	}
}

// TestTraceReleases holds what is said of traces that cannot be read for their age.
func TestTraceReleases(t *testing.T) {
	for header, want := range map[string]string{
		"go 1.9 trace\x00\x00\x00\x00rest": "written by Go 1.9, and traces are read from Go 1.11 on: build the program with a newer Go",
		"go 1.21 trace\x00\x00\x00rest":    "reading trace standard input: ",
		"go 1.99 trace\x00\x00\x00rest":    "written by Go 1.99, whose traces this version of concdoctor cannot read: update concdoctor",
	} {
		if _, err := analyzeBytes(t, []byte(header)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", header, err, want)
		}
	}
}

// TestOldTraces analyzes the traces of Go 1.11 to 1.21 that Go keeps for its own
// reader's tests, whole and cut off.
func TestOldTraces(t *testing.T) {
	old, err := gotrace.Old()
	if err != nil {
		t.Fatal(err)
	}
	for _, tr := range old {
		name, data := tr.Name, tr.Data
		rep, err := analyzeBytes(t, data)
		if err != nil || len(rep.Warnings) > 0 || len(rep.Summary.Schedules) != 1 || rep.Inputs[0].Events == 0 {
			t.Errorf("%s: error %v, warnings %v", name, err, rep.Warnings)
		}
		// Between two batches the old format does not show that it was cut off.
		if _, err := analyzeBytes(t, data[:len(data)/2]); err != nil && !strings.Contains(err.Error(), "standard input") {
			t.Errorf("half of %s: error %v", name, err)
		}
	}
}

func TestCancelledAnalysis(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	data := record(t, 10*time.Millisecond)
	if _, err := Analyze(ctx, []string{"-"}, Options{Stdin: bytes.NewReader(data)}); err == nil {
		t.Error("no error from a cancelled analysis")
	}
}
