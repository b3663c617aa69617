package render

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

var update = flag.Bool("update", false, "write the golden files of this package")

func readReport(t *testing.T, name string) *finding.Report {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rep, err := finding.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func render(t *testing.T, rep *finding.Report, format string, opts Options) string {
	t.Helper()
	var b bytes.Buffer
	opts.Format = format
	if err := Write(&b, rep, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// rulePages are the rules' texts in SARIF, which are edited for their own sake.
var rulePages = regexp.MustCompile(`(?s)"rules": \[\n.*?\n {10}\]`)

func TestGolden(t *testing.T) {
	source := func(f finding.Frame) string {
		if f.Line == 42 {
			return "a.mu.Lock()"
		}
		return ""
	}
	tests := []struct {
		report, golden string
		opts           Options
	}{
		{"full.json", "full.sarif", Options{SourceRoot: "/src/bank"}},
		{"hostile.json", "hostile.sarif", Options{}},
		{"full.json", "full.dot", Options{}},
		{"full.json", "full.txt", Options{Source: source}},
		{"full.json", "full-color.txt", Options{Color: true}},
		{"full.json", "full-top2.txt", Options{Top: 2}},
		{"full.json", "full-charts.txt", Options{Charts: BlockCharts}},
		{"full.json", "full-ascii.txt", Options{Charts: ASCIICharts}},
		{"hostile.json", "hostile-charts.txt", Options{Charts: BlockCharts}},
		{"quiet.json", "quiet.txt", Options{}},
		{"hostile.json", "hostile.txt", Options{Source: SourceLines("")}},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			format := strings.TrimPrefix(filepath.Ext(tt.golden), ".")
			if format == "txt" {
				format = "text"
			}
			got := render(t, readReport(t, tt.report), format, tt.opts)
			if format == "sarif" {
				got = rulePages.ReplaceAllString(got, `"rules": []`)
			}
			golden := filepath.Join("testdata", tt.golden)
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
				t.Errorf("output (-want +got); go test -update writes it:\n%s", diff)
			}
		})
	}
}

// TestColorOnlyAdds holds that colour changes nothing but escape sequences, and
// that without it there are none.
func TestColorOnlyAdds(t *testing.T) {
	for _, name := range []string{"full.json", "quiet.json", "hostile.json"} {
		plain := render(t, readReport(t, name), "text", Options{})
		color := render(t, readReport(t, name), "text", Options{Color: true})
		if strings.ContainsFunc(plain, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
			t.Errorf("%s: control characters in plain text", name)
		}
		for _, escape := range escapes {
			color = strings.ReplaceAll(color, escape, "")
		}
		if diff := cmp.Diff(plain, color); diff != "" {
			t.Errorf("%s: colour changes the text (-plain +color):\n%s", name, diff)
		}
	}
}

func TestWidth(t *testing.T) {
	for line := range strings.Lines(render(t, readReport(t, "full.json"), "text", Options{})) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
}

func TestJSONRoundTrip(t *testing.T) {
	rep := readReport(t, "full.json")
	again, err := finding.Read(strings.NewReader(render(t, rep, "json", Options{Color: true})))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rep, again); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestTop(t *testing.T) {
	rep := finding.NewReport(finding.Tool{})
	for range 13 {
		rep.Findings = append(rep.Findings, finding.Finding{Rule: "r", Certainty: finding.Observed, Severity: finding.Info, Title: "title", Fix: "f"})
	}
	for _, tt := range []struct{ top, want int }{{0, DefaultTop}, {3, 3}, {13, 13}, {-1, 13}} {
		text := render(t, rep, "text", Options{Top: tt.top})
		if got := strings.Count(text, "fix: f"); got != tt.want {
			t.Errorf("top %d: evidence of %d findings, want %d", tt.top, got, tt.want)
		}
		if cutOff := strings.Contains(text, "more findings: --top 0 shows all"); cutOff != (tt.want < 13) {
			t.Errorf("top %d: says that more are cut off: %v", tt.top, cutOff)
		}
	}
}

func TestWriteFails(t *testing.T) {
	rep := finding.NewReport(finding.Tool{})
	if err := Write(io.Discard, rep, Options{Format: "pdf"}); err == nil || err.Error() != `rendering report: unknown format "pdf": want one of `+strings.Join(Formats(), ", ") {
		t.Errorf("unknown format: %v", err)
	}
	full := errors.New("disk full")
	for _, format := range Formats() {
		if err := Write(failingWriter{full}, rep, Options{Format: format}); !errors.Is(err, full) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestSourceLines(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	code := write("a.go", "package a\n\tmu.Lock() // "+strings.Repeat("é", 100)+"\nlast")
	secret := write("secret.txt", "password\n")
	source := SourceLines("")
	for _, tt := range []struct {
		frame finding.Frame
		want  string
	}{
		{finding.Frame{File: code, Line: 1}, "package a"},
		{finding.Frame{File: code, Line: 2}, "mu.Lock() // " + strings.Repeat("é", 76) + "…"},
		{finding.Frame{File: code, Line: 3}, "last"},
		{finding.Frame{File: code, Line: 4}, ""},
		{finding.Frame{File: code, Line: 0}, ""},
		{finding.Frame{File: code, Line: -1}, ""},
		{finding.Frame{File: secret, Line: 1}, ""},
		{finding.Frame{File: dir + "/missing.go", Line: 1}, ""},
		{finding.Frame{}, ""},
	} {
		if got := source(tt.frame); got != tt.want {
			t.Errorf("source(%+v) = %q, want %q", tt.frame, got, tt.want)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "dir.go"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := source(finding.Frame{File: filepath.Join(dir, "dir.go"), Line: 1}); got != "" {
		t.Errorf("a directory gave %q", got)
	}
}
