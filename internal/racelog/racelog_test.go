package racelog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/logtext"
	"github.com/concdoctor/concdoctor/internal/sentences"
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func read(r io.Reader) (*Log, error) {
	log := new(Log)
	reports := log.reports()
	_, err := logtext.Read(r, reports.Line)
	reports.EndAll()
	return log, err
}

func mustRead(t *testing.T, text string) *Log {
	t.Helper()
	log, err := read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// outline writes a log's findings in short: count, the two sides with their state,
// function, line and creation site.
func outline(log *Log) []string {
	var lines []string
	for _, f := range log.Findings("log") {
		text := fmt.Sprintf("%s %s %d×", f.Rule, f.Certainty, f.Count)
		for _, g := range f.Goroutines {
			text += fmt.Sprintf(" | %d%s %s %s, created %s", g.ID, g.Name, g.State, g.Stack.User(), g.Created)
		}
		lines = append(lines, text)
	}
	return lines
}

var (
	runOutline = []string{
		"data-race observed 1× | 1main read main.(*store).get main.go:13, created  | 12 writes main.(*store).put main.go:12, created sync.(*WaitGroup).Go waitgroup.go:238",
		"data-race observed 1× | 11 reads main.incr main.go:14, created main.main main.go:21 | 10 wrote main.incr main.go:14, created main.main main.go:21",
		"data-race observed 1× | 9 writes main.incr main.go:14, created main.main main.go:21 | 1main read main.main main.go:27, created ",
	}
	testOutline = []string{
		"data-race observed 1× | 9 reads race.incr main.go:14, created race.TestRace main_test.go:3 | 8 wrote race.incr main.go:14, created testing.(*T).Run testing.go:2101",
	}
)

func TestReadCaptured(t *testing.T) {
	for name, want := range map[string][]string{"run.log": runOutline, "test.json": testOutline} {
		t.Run(name, func(t *testing.T) {
			log := mustRead(t, readFile(t, name))
			if log.Unparsed != 0 {
				t.Errorf("%d unparsed", log.Unparsed)
			}
			sentences.Hold(t, log.Findings("log")...)
			if diff := cmp.Diff(want, outline(log)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// dress puts every line of text through f.
func dress(text string, f func(i int, line string) string) string {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		b.WriteString(f(i, line) + "\n")
	}
	return b.String()
}

// TestReadEmbedded holds that a log dressed as other programs dress it gives the
// same findings.
func TestReadEmbedded(t *testing.T) {
	raw := readFile(t, "run.log")
	for name, text := range map[string]string{
		"prefix":          dress(raw, func(_ int, l string) string { return "store-1  | " + l }),
		"time stamps":     dress(raw, func(i int, l string) string { return fmt.Sprintf("2026-11-23T16:00:%02d.000Z %s", i%60, l) }),
		"Windows":         strings.ReplaceAll(raw, "\n", "\r\n"),
		"container json":  dress(raw, func(_ int, l string) string { return fmt.Sprintf(`{"log":%q,"stream":"stderr"}`, l+"\n") }),
		"other lines":     dress(raw, func(i int, l string) string { return l + fmt.Sprintf("\nhandled request %d: ok", i) }),
		"a line too long": strings.Repeat("x", 200_000) + "\n" + raw,
		"two packages":    interleave(raw),
	} {
		t.Run(name, func(t *testing.T) {
			log := mustRead(t, text)
			if log.Unparsed != 0 {
				t.Errorf("%d unparsed", log.Unparsed)
			}
			if diff := cmp.Diff(runOutline, outline(log)); diff != "" && name != "two packages" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if name == "two packages" && len(log.Reports) != 2*len(runOutline) {
				t.Errorf("%d reports, want each of %d twice", len(log.Reports), len(runOutline))
			}
		})
	}
}

// interleave gives the log as events of two packages, line by line in turn.
func interleave(raw string) string {
	return dress(raw, func(_ int, l string) string {
		return fmt.Sprintf(`{"Action":"output","Package":"a","Output":%[1]q}`+"\n"+`{"Action":"output","Package":"b","Output":%[1]q}`, l+"\n")
	})
}

const (
	head   = "==================\nWARNING: DATA RACE\n"
	writeF = "Write at 0x00c000010000 by goroutine 7:\n  main.f()\n      /src/m.go:10 +0x1\n\n"
	readG  = "Previous read at 0x00c000010000 by goroutine 8:\n  main.g()\n      /src/m.go:20 +0x1\n\n"
	readF  = "Read at 0x00c000010000 by goroutine 8:\n  main.g()\n      /src/m.go:20 +0x1\n\n"
	wroteG = "Previous write at 0x00c000010000 by goroutine 7:\n  main.f()\n      /src/m.go:10 +0x1\n\n"
	lost   = "Previous write at 0x00c000010000 by goroutine 8:\n  [failed to restore the stack]\n\n"
	heap   = "Heap block of size 8 at 0x00c000010000 allocated by main goroutine:\n  main.make()\n      /src/m.go:30 +0x1\n\n"
	global = "  Global var main.hits of size 8 at 0x000000622318 declared at m.go:3\n\n"
	tail   = "==================\n"
)

func TestReadForms(t *testing.T) {
	pair := " | 7 %s main.f m.go:10, created  | 8 %s main.g m.go:20, created "
	tests := []struct {
		name     string
		text     string
		want     []string
		unparsed int
	}{
		{"one", head + writeF + readG + tail, []string{"data-race observed 1×" + fmt.Sprintf(pair, "writes", "read")}, 0},
		{"the same pair in the other order", head + writeF + readG + tail + head + readF + wroteG + tail,
			[]string{"data-race observed 2×" + fmt.Sprintf(pair, "writes", "read")}, 0},
		{"without the last fence", head + writeF + readG, []string{"data-race observed 1×" + fmt.Sprintf(pair, "writes", "read")}, 0},
		{"atomic", head + "Atomic write" + strings.TrimPrefix(writeF, "Write") + readG + tail,
			[]string{"data-race observed 1×" + fmt.Sprintf(pair, "writes atomically", "read")}, 0},
		{"one stack lost", head + writeF + lost + tail, []string{"data-race observed 1× | 8 wrote , created  | 7 writes main.f m.go:10, created "}, 0},
		{"wrappers and map functions are left out", head + strings.Replace(writeF, "  main.f()", "  runtime.mapassign()\n      /go/src/internal/runtime/maps/r.go:9 +0x0\n  main.f.gowrap1()\n      /src/m.go:9 +0x0\n  main.f()", 1) + readG + tail,
			[]string{"data-race observed 1×" + fmt.Sprintf(pair, "writes", "read")}, 0},
		{"a section of another kind", head + writeF + heap + readG + heap + tail, []string{"data-race observed 1×" + fmt.Sprintf(pair, "writes", "read")}, 0},
		{"cut off in the first access", head + "Write at 0x00c000010000 by goroutine 7:\n  main.f()\n", nil, 1},
		{"one access only", head + writeF + tail, nil, 1},
		{"both stacks lost", head + lost + lost + tail, nil, 1},
		{"torn by the next", head + writeF + head + writeF + readG + tail, []string{"data-race observed 1×" + fmt.Sprintf(pair, "writes", "read")}, 1},
		{"no report", "ok\n==================\nPASS\n", nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := mustRead(t, tt.text)
			if diff := cmp.Diff(tt.want, outline(log)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if log.Unparsed != tt.unparsed || len(log.Torn) != tt.unparsed {
				t.Errorf("unparsed = %d, kept %d, want %d", log.Unparsed, len(log.Torn), tt.unparsed)
			}
			for _, torn := range log.Torn {
				if !strings.HasPrefix(torn.Text, mark) || torn.Line < 2 {
					t.Errorf("torn report %+v", torn)
				}
			}
		})
	}
}

func TestFindingText(t *testing.T) {
	f := mustRead(t, head+writeF+readG+strings.TrimPrefix(global, "  ")+tail+head+readF+wroteG+tail).Findings("race.log")[0]
	if want := "main.f m.go:10 writes what main.g m.go:20 read, without synchronization"; f.Title != want {
		t.Errorf("title %q, want %q", f.Title, want)
	}
	wantResource := finding.Resource{Kind: finding.Variable, Name: "main.hits", Address: 0xc000010000}
	if diff := cmp.Diff(wantResource, f.Resources[0]); diff != "" {
		t.Errorf("resource (-want +got):\n%s", diff)
	}
	wantEvidence := []finding.Evidence{{Source: "race.log", Text: "race detector, line 2, 2 reports of this pair in total"}}
	if diff := cmp.Diff(wantEvidence, f.Evidence); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if f.Severity != finding.Error || f.Fingerprint != f.ComputeFingerprint() {
		t.Errorf("severity %v, fingerprint %s", f.Severity, f.Fingerprint)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("the wire broke")
	log, err := read(bufio.NewReader(iotest.TimeoutReader(iotest.ErrReader(broken))))
	if !errors.Is(err, broken) || log == nil {
		t.Errorf("Read = %v, %v", log, err)
	}
}

// FuzzRead holds that every report that starts is read or counted, and that a
// prefix before each line changes nothing.
func FuzzRead(f *testing.F) {
	f.Add(head + writeF + readG + tail)
	f.Add(head + writeF + lost + head + tail)
	f.Add(head + "Write at 0xffffffffffffffffffff by goroutine 99999999999999999999999:\n  f()\n      /a:99999999999999999999 +0x1\n")
	f.Fuzz(func(t *testing.T, text string) {
		log := mustRead(t, text)
		starts := 0
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "{") && strings.Contains(line[:min(len(line), 64<<10)], mark) {
				starts++
			}
		}
		if got := len(log.Reports) + log.Unparsed; got < starts {
			t.Fatalf("%d reports start, %d were read or counted", starts, got)
		}
		for i := range log.Findings("fuzz") {
			if finding := log.Findings("fuzz")[i]; finding.Count < 1 || len(finding.Goroutines) != 2 {
				t.Fatalf("finding %+v", finding)
			}
		}
	})
}
