package finding

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// full is a finding with every part that the printer knows.
func full() Finding {
	f := inversion("example.com/app/bank.(*Account).Move", "example.com/app/bank.Audit")
	f.Title = "A and B are taken in opposite orders"
	f.Detail = "goroutine 7 took A before B\ngoroutine 9 took B before A\n"
	f.Resources[0].Class = Frame{Func: "example.com/app/bank.Open", File: "/src/bank/open.go", Line: 5}
	f.Resources[1].Kind = RWMutex
	f.Goroutines[0].State = "running"
	f.Goroutines[0].Created = Frame{Func: "main.main", File: "/src/main.go", Line: 30}
	f.Goroutines[1].Name = "auditor"
	f.Goroutines[1].Holds[0].Mode = Shared
	f.Goroutines = append(f.Goroutines, Goroutine{State: "chan receive", Stack: deep(9)})
	f.Places = []Place{{Role: "created here", Stack: deep(2), Measures: []Measure{Number("goroutines", 12)}}}
	f.Measures = []Measure{Duration("waited", 1240*time.Microsecond), Share("of the time", 0.38)}
	f.Coffman = &Coffman{
		MutualExclusion: Condition{true, "mutexes"},
		HoldAndWait:     Condition{true, "both ask while they hold"},
		NoPreemption:    Condition{true, "sync has no way to take a lock away"},
		CircularWait:    Condition{false, "not in this run"},
		Breaks:          "circular wait",
	}
	f.Evidence = []Evidence{{Source: "trace.out", Text: "12 waits"}}
	f.Fingerprint = f.ComputeFingerprint()
	return f
}

func deep(n int) Stack {
	s := Stack{{Func: "runtime.gopark"}}
	for i := range n {
		s = append(s, Frame{Func: "example.com/app/pool.run", File: "/src/pool/pool.go", Line: i + 1})
	}
	return s
}

func TestPrinterGolden(t *testing.T) {
	observed := full()
	observed.Certainty = Observed
	for _, tt := range []struct {
		name    string
		printer Printer
		finding Finding
	}{
		{"plain", Printer{}, full()},
		{"observed", Printer{}, observed},
		{"styled", Printer{
			Source:    func(f Frame) string { return map[int]string{10: "from.mu.Lock()", 1: ""}[f.Line] },
			Strong:    func(s string) string { return "<b>" + s + "</b>" },
			Faint:     func(s string) string { return "<i>" + s + "</i>" },
			MaxFrames: 2,
		}, full()},
		{"bare", Printer{}, Finding{Rule: "contention", Certainty: Suspected, Title: "nothing is known", Fix: "look"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := tt.printer.Print(&got, &tt.finding); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", tt.name+".txt"), got.String())
			for i, line := range strings.Split(got.String(), "\n") {
				if strings.TrimRight(line, " \t") != line {
					t.Errorf("line %d ends in a space: %q", i+1, line)
				}
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v (run go test -update)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriteErrorsAreReturned(t *testing.T) {
	f := full()
	if err := (Printer{}).Print(brokenPipe{}, &f); err == nil || err.Error() != "broken pipe" {
		t.Errorf("printing: %v", err)
	}
	if err := NewReport(Tool{}).Write(brokenPipe{}); err == nil || err.Error() != "writing report: broken pipe" {
		t.Errorf("writing: %v", err)
	}
}

func TestResourceNames(t *testing.T) {
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "R26", 100: "R100"} {
		if got := ResourceLabel(i); got != want {
			t.Errorf("label %d: %q, want %q", i, got, want)
		}
	}
	class := Frame{Func: "a.com/bank.Open", File: "/x/open.go", Line: 5}
	for _, tt := range []struct {
		r    Resource
		want string
	}{
		{Resource{Kind: Mutex, Name: "accounts", Class: class}, "accounts"},
		{Resource{Kind: Mutex, Class: class}, "mutex of bank.Open open.go:5"},
		{Resource{Kind: Channel, Address: 1}, "channel"},
	} {
		if got := tt.r.String(); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.r, got, tt.want)
		}
	}
}

// The limit of frames is for the user's own code: calls inside the standard
// library between them become one line.
func TestPrintFoldsTheStandardLibrary(t *testing.T) {
	stack := Stack{{Func: "example.com/app.(*Store).Get", File: "/app/store.go", Line: 3}}
	for range 10 {
		stack = append(stack, Frame{Func: "net/http.HandlerFunc.ServeHTTP"})
	}
	stack = append(stack, Frame{Func: "main.main", File: "/app/main.go", Line: 9}, Frame{Func: "testing.tRunner"})
	f := Finding{Rule: "contention", Certainty: Observed, Places: []Place{{Role: "waits here", Stack: stack}}}
	var text strings.Builder
	if err := (Printer{MaxFrames: 4}).Print(&text, &f); err != nil {
		t.Fatal(err)
	}
	const want = `  waits here
    app.(*Store).Get store.go:3
    … 10 calls in the standard library
    main.main main.go:9
    testing.tRunner
`
	if !strings.Contains(text.String(), want) {
		t.Errorf("got\n%s\nwant in it\n%s", text.String(), want)
	}
}
