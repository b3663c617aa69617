package web

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func page(t *testing.T, rep *finding.Report, source func(finding.Frame) string) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, rep, source); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var update = flag.Bool("update", false, "write the golden file of this package")

// TestGolden shows what changes in the page; style and script have their own files.
func TestGolden(t *testing.T) {
	got := page(t, readReport(t, full), nil)
	got = strings.Replace(strings.Replace(got, style, "STYLE", 1), script, "SCRIPT", 1)
	got = regexp.MustCompile(`sha256-[^ ;]*`).ReplaceAllString(got, "HASH")
	got = regexp.MustCompile(`(?s)<pre class="text">.*?</pre>`).ReplaceAllString(got, "PAGE") // a rule's
	const golden = "testdata/full.html"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("page (-want +got); go test -update writes it:\n%s", diff)
	}
}

// TestNothingOfTheReportIsMarkup: whatever names hold, it is text.
func TestNothingOfTheReportIsMarkup(t *testing.T) {
	got := page(t, readReport(t, "../../testdata/hostile.json"), nil)
	if !strings.Contains(got, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the hostile text is not there: the test tells nothing")
	}
	if n := strings.Count(strings.Replace(got, script, "", 1), "<script"); n != 1 {
		t.Errorf("%d scripts", n)
	}
	if tag := regexp.MustCompile(`<[a-z][^>"]*("[^"]*"[^>"]*)* on[a-z]+=`).FindString(got); tag != "" {
		t.Errorf("an attribute of the report's own: %s", tag)
	}
}

// TestLinksStayInside holds that every link leads to an element of the page.
func TestLinksStayInside(t *testing.T) {
	for _, name := range []string{full, "../../testdata/hostile.json", "../../testdata/quiet.json"} {
		text := page(t, readReport(t, name), nil)
		ids := make(map[string]int)
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
			ids[m[1]]++
		}
		links := regexp.MustCompile(` (?:href|for|src|data-pick)="([^"]*)"| marker-end="url\(([^)]*)\)"`).FindAllStringSubmatch(text, -1)
		for _, m := range links {
			id := strings.TrimPrefix(m[1]+m[2], "#")
			if m[1] != "data:," && ids[id] != 1 {
				t.Errorf("%s: a link to %q, of which there are %d", name, m[1], ids[id])
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: %d elements %q", name, n, id)
			}
		}
	}
}

func TestSource(t *testing.T) {
	text := page(t, readReport(t, full), func(f finding.Frame) string {
		if f.Line == 42 {
			return `a.mu.Lock() // <b>`
		}
		return ""
	})
	if !strings.Contains(text, "<pre>a.mu.Lock() // &lt;b&gt;</pre>") {
		t.Error("the source line is not shown")
	}
}

func TestPolicyNamesWhatIsThere(t *testing.T) {
	text := page(t, finding.NewReport(finding.Tool{}), nil)
	for _, part := range []string{"<style>" + style + "</style>", "<script>" + script + "</script>"} {
		if !strings.Contains(text, part) {
			t.Errorf("the page changes its own %.20s", part)
		}
	}
}

func TestWriteFails(t *testing.T) {
	full := errors.New("disk full")
	if err := Write(failingWriter{full}, finding.NewReport(finding.Tool{}), nil); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func stackOf(functions ...string) finding.Stack {
	var s finding.Stack
	for _, f := range functions {
		s = append(s, finding.Frame{Func: f, File: "/src/x.go", Line: 1})
	}
	return s
}

// TestFlame holds what every flame graph must satisfy, and a small one exactly.
func TestFlame(t *testing.T) {
	blocked := []finding.Blocked{
		{Reason: "mutex", Nanos: 60, Stack: stackOf("main.a", "main.main")},
		{Reason: "mutex", Nanos: 30, Stack: stackOf("main.b", "main.main")},
		{Reason: "rwmutex read lock", Nanos: 10, Stack: stackOf("main.b", "main.main")},
		{Reason: "network", Nanos: 7, Stack: stackOf("main.c")},
		{Reason: "of the future", Nanos: 3},
		{Reason: "mutex", Nanos: 0, Stack: stackOf("main.never")},
	}
	all := flames(blocked)
	var names []string
	for _, f := range all {
		names = append(names, f.Name+" "+f.Total)
	}
	if want := []string{"locks 100 ns", "I/O and timers 7 ns", "the runtime 3 ns"}; !slices.Equal(names, want) {
		t.Errorf("graphs %q, want %q", names, want)
	}
	var got []string
	for _, b := range all[0].Boxes {
		got = append(got, strings.Repeat(" ", b.Depth)+b.Title+" at "+b.X)
	}
	want := []string{
		"locks: 100 ns, 100 % at 0.000%", " main.main: 100 ns, 100 % at 0.000%",
		"  main.a: 60 ns, 60 % at 0.000%", "   mutex x.go:1: 60 ns, 60 % at 0.000%",
		"  main.b: 40 ns, 40 % at 60.000%", "   mutex x.go:1: 30 ns, 30 % at 60.000%", "   rwmutex read lock x.go:1: 10 ns, 10 % at 90.000%",
	}
	if !slices.Equal(got, want) {
		t.Errorf("boxes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !all[0].Chosen || all[1].Chosen || len(all[0].Rows) != 3 || all[0].Height != 4*boxHeight {
		t.Errorf("chosen %v %v, %d rows, %d high", all[0].Chosen, all[1].Chosen, len(all[0].Rows), all[0].Height)
	}
	if flames(nil) != nil {
		t.Error("a graph of nothing")
	}
}

func TestMatrix(t *testing.T) {
	pair := func(waiter, holder string, nanos int64) finding.Pair {
		p := finding.Pair{Waiter: stackOf(waiter), Nanos: nanos}
		if holder != "" {
			p.Blamed = stackOf(holder)
		}
		return p
	}
	m := newMatrix([]finding.Pair{pair("a", "x", 600), pair("b", "x", 100), pair("a", "y", 250), pair("a", "", 50), pair("a", "x", 0), pair("b", "x", 20)})
	var got []string
	for _, row := range m.Rows {
		for i, c := range row.Cells {
			if c.Text != "" {
				got = append(got, row.Name+" for "+m.Holders[i].Name+" "+c.Text+strings.Repeat("#", c.Shade))
			}
		}
	}
	want := []string{"a x.go:1 for x x.go:1 600 ns######", "a x.go:1 for y x.go:1 250 ns###", "a x.go:1 for " + noHolder + " 50 ns#", "b x.go:1 for x x.go:1 120 ns##"}
	if !slices.Equal(got, want) || m.Rest != "" || m.Rows[0].Total != "900 ns" || m.Holders[0].Total != "720 ns" {
		t.Errorf("cells %q, want %q; rest %q, totals %q %q", got, want, m.Rest, m.Rows[0].Total, m.Holders[0].Total)
	}
	var many []finding.Pair
	for i := range 2 * maxHolders {
		many = append(many, pair("w", strings.Repeat("h", i+1), int64(100-i)))
	}
	m = newMatrix(many)
	if len(m.Holders) != maxHolders || m.Rest == "" {
		t.Errorf("%d holders, rest %q", len(m.Holders), m.Rest)
	}
	if newMatrix(nil) != nil {
		t.Error("a matrix of nothing")
	}
}

func TestPlot(t *testing.T) {
	p, ok := newPlot(finding.Series{Name: "running", Unit: finding.Count, StepNanos: 500_000_000, Values: []float64{0, 1, 2}}, 4, 1_200_000_000)
	if !ok || p.Area != "M0 100.0V100.0H1V75.0H2V50.0H3V100.0Z" || p.Limit != "0.0" || p.LimitText != "4 processors" || p.Max != "2.0" || p.Mean != "1.0" || p.End != "1.2 s" || p.Values != "0 1 2" {
		t.Errorf("%+v", p)
	}
	for _, s := range []finding.Series{{StepNanos: 1}, {Values: []float64{1}}, {Values: []float64{1}, StepNanos: -1}} {
		if _, ok := newPlot(s, 0, 0); ok {
			t.Errorf("a plot of %+v", s)
		}
	}
}

func TestSpread(t *testing.T) {
	s, ok := newSpread(finding.Histogram{Name: "waits", Bounds: []int64{1000, 2000, 4000}, Counts: []int64{1, 0, 100_000}, MaxNanos: 5000})
	if !ok || s.Total != 100_001 || len(s.Bars) != 3 || s.Bars[0].H != "1.000%" || s.Bars[2].H != "100.000%" || s.Bars[2].Label != "4 µs" {
		t.Errorf("%+v", s)
	}
	if _, ok := newSpread(finding.Histogram{}); ok {
		t.Error("a histogram of nothing")
	}
}
