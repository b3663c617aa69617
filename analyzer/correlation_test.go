package analyzer

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// recorded is the names of the files that one run leaves.
var recorded = []string{"trace", "block", "mutex", "goroutine", "dump"}

// recordAll runs a program that leaks a goroutine with each request and queues for
// one lock, and writes all that Go can record of it into dir.
func recordAll(t *testing.T, dir string, leaks int) {
	t.Helper()
	runtime.SetBlockProfileRate(1)
	defer runtime.SetBlockProfileRate(0)
	defer runtime.SetMutexProfileFraction(runtime.SetMutexProfileFraction(1))
	var traced bytes.Buffer
	if err := trace.Start(&traced); err != nil {
		t.Fatal(err)
	}
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		nobody = make(chan int)
	)
	for range 3 {
		wg.Go(func() {
			for range leaks / 3 {
				hold(&mu)
				request(nobody)
			}
		})
	}
	wg.Wait()
	trace.Stop()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("trace", traced.Bytes())
	for _, p := range []struct {
		file, profile string
		debug         int
	}{{"block", "block", 0}, {"mutex", "mutex", 0}, {"goroutine", "goroutine", 0}, {"dump", "goroutine", 2}} {
		var b bytes.Buffer
		if err := pprof.Lookup(p.profile).WriteTo(&b, p.debug); err != nil {
			t.Fatal(err)
		}
		write(p.file, b.Bytes())
	}
	for range leaks / 3 * 3 {
		<-nobody
	}
}

// request leaves a goroutine behind whose message no goroutine will receive.
func request(nobody chan<- int) {
	go answer(nobody)
}

func answer(nobody chan<- int) { nobody <- 1 }

// TestCorrelation holds that all that was recorded of one run is reported as one story,
// in whatever order the files are named, and for a pile that alone would be too small
// for a profile or a dump to speak of.
func TestCorrelation(t *testing.T) {
	for _, leaks := range []int{30, 150} {
		dir := t.TempDir()
		recordAll(t, dir, leaks)
		backwards := slices.Clone(recorded)
		slices.Reverse(backwards)
		for _, names := range [][]string{recorded, backwards} {
			var paths []string
			for _, name := range names {
				paths = append(paths, filepath.Join(dir, name))
			}
			rep, err := Analyze(t.Context(), paths, Options{})
			if err != nil || len(rep.Warnings) > 0 {
				t.Fatalf("error %v, warnings %v", err, rep.Warnings)
			}
			want := map[string][]string{
				"goroutine-leak potential analyzer.answer":   {"dump", "goroutine", "trace"},
				"contention observed analyzer.hold":          {"block", "mutex", "trace"},
				"blocking-under-lock observed analyzer.hold": {"trace"},
			}
			if diff := cmp.Diff(want, stories(rep)); diff != "" {
				t.Errorf("%d leaks, %v: findings and their sources (-want +got):\n%s", leaks, names, diff)
			}
		}
	}
}

// stories returns the sources of each finding's evidence. Findings that share a rule
// and a place are told apart by a mark, and so never agree with what is wanted.
func stories(rep *finding.Report) map[string][]string {
	all := make(map[string][]string)
	for i := range rep.Findings {
		f := &rep.Findings[i]
		if familyOf(f.Rule) == "schedule" {
			continue // the machine's, which may have other things to do
		}
		var sources []string
		for _, e := range f.Evidence {
			sources = append(sources, filepath.Base(e.Source))
		}
		slices.Sort(sources)
		name := string(f.Rule) + " " + f.Certainty.String() + " " + where(f)
		for all[name] != nil {
			name += " again"
		}
		all[name] = sources
	}
	return all
}
