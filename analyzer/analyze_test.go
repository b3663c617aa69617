package analyzer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	mutexText = `--- mutex:
cycles/second=1000000000
sampling period=1
500000000 50 @ 0x1 0x2
#	0x1	sync.(*Mutex).Unlock+0x12	/go/src/sync/mutex.go:65
#	0x2	main.(*Store).Put+0x84		/src/app/main.go:10
`
	raceText = `==================
WARNING: DATA RACE
Write at 0x00c000010000 by goroutine 7:
  main.f()
      /src/app/main.go:10 +0x1

Previous read at 0x00c000010000 by goroutine 8:
  main.g()
      /src/app/main.go:20 +0x1
==================
`
	cutRace = "WARNING: DATA RACE\nWrite at 0x00c000010000 by goroutine 7:\n"
)

// files writes contents to a directory and returns the path of each.
func files(t *testing.T, contents map[string]string) func(name string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string { return filepath.Join(dir, name) }
}

func headlines(rep *finding.Report) []string {
	var lines []string
	for i := range rep.Findings {
		lines = append(lines, rep.Findings[i].Headline())
	}
	return lines
}

const (
	raceLine  = "data-race (observed): main.f main.go:10 writes what main.g main.go:20 read, without synchronization"
	mutexLine = "contention (observed): goroutines waited 500 ms in total for a mutex that is held until main.(*Store).Put main.go:10"
)

func TestAnalyzeMany(t *testing.T) {
	at := files(t, map[string]string{"mutex": mutexText, "race": raceText, "empty": "", "notes": "to do\n"})
	rep, err := Analyze(t.Context(), []string{at("mutex"), at("empty"), "-", at("notes"), at("missing")},
		Options{Stdin: strings.NewReader(raceText), Version: "v9"})
	if diff := cmp.Diff([]string{raceLine, mutexLine}, headlines(rep)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	wantInputs := []finding.Input{
		{Name: at("mutex"), Kind: "mutex profile", Bytes: int64(len(mutexText)), Events: 1},
		{Name: "standard input", Kind: "race detector log", Bytes: int64(len(raceText)), Events: 1},
	}
	if diff := cmp.Diff(wantInputs, rep.Inputs); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	wantVerdict := "1 error, 1 warning: the program has a data race (main.f) and spends time waiting for a lock (main.(*Store).Put); 3 inputs could not be read"
	if rep.Summary.Verdict != wantVerdict {
		t.Errorf("verdict %q, want %q", rep.Summary.Verdict, wantVerdict)
	}
	if want := (finding.Tool{Name: "concdoctor", Version: "v9"}); rep.Tool != want {
		t.Errorf("tool %+v", rep.Tool)
	}
	var lines []string
	if err != nil {
		lines = strings.Split(err.Error(), "\n")
	}
	for i, want := range []string{at("empty") + ": it looks like an empty file; ", at("notes") + `: it looks like text that starts with "to do"; `, "opening " + at("missing") + ": no such file; "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Errorf("errors %q, want one with %q at %d", lines, want, i)
		}
	}
	if len(lines) != 3 || len(rep.Warnings) != 3 {
		t.Errorf("errors %q, warnings %v", lines, rep.Warnings)
	}
	if rep.Warnings[0].Input != at("empty") || !strings.HasPrefix(rep.Warnings[0].Text, "not analyzed: it looks like an empty file") {
		t.Errorf("warning %+v", rep.Warnings[0])
	}
}

func TestAnalyzeNothingFound(t *testing.T) {
	quiet := strings.Replace(mutexText, "500000000 50", "5000 1", 1)
	at := files(t, map[string]string{"mutex": quiet, "block": strings.Replace(quiet, "mutex:", "contention:", 1), "empty": "--- mutex:\ncycles/second=1\n"})
	rep, err := Analyze(t.Context(), []string{at("mutex"), at("block")}, Options{})
	if err != nil || len(rep.Findings) != 0 || rep.Findings == nil {
		t.Errorf("findings %v, error %v", rep.Findings, err)
	}
	if want := "nothing found in a mutex profile and a block profile"; rep.Summary.Verdict != want {
		t.Errorf("verdict %q, want %q", rep.Summary.Verdict, want)
	}
	rep, err = Analyze(t.Context(), []string{at("empty")}, Options{})
	if err != nil || len(rep.Warnings) != 1 || !strings.HasPrefix(rep.Warnings[0].Text, "the profile is empty: nothing waited, or profiling was off") {
		t.Errorf("warnings %v, error %v", rep.Warnings, err)
	}
	rep, err = Analyze(t.Context(), []string{at("missing")}, Options{})
	if err == nil || rep.Summary.Verdict != "nothing could be analyzed" {
		t.Errorf("verdict %q, error %v", rep.Summary.Verdict, err)
	}
}

func TestAnalyzeBase(t *testing.T) {
	at := files(t, map[string]string{
		"now": mutexText, "before": strings.Replace(mutexText, "500000000 50", "100000000 50", 1),
		"goroutines": "goroutine profile: total 0\n", "race": raceText, "notes": "to do\n",
	})
	rep, err := Analyze(t.Context(), []string{at("now")}, Options{Base: []string{at("before"), at("goroutines")}})
	if err != nil {
		t.Fatal(err)
	}
	p := rep.Summary.Profiles[0]
	want := finding.Hotspot{Role: "mutex", Stack: finding.Stack{{Func: "main.(*Store).Put", File: "/src/app/main.go", Line: 10}}, Share: 1,
		Count: 50, Nanos: 500e6, MeanNanos: 10e6, BaseCount: 50, BaseNanos: 100e6, Change: "same"}
	if diff := cmp.Diff([]finding.Hotspot{want}, p.Hotspots); diff != "" || p.Base != at("before") {
		t.Errorf("base %q, hotspots (-want +got):\n%s", p.Base, diff)
	}
	if len(rep.Warnings) != 2 || !strings.Contains(rep.Warnings[0].Text, "shares of each profile's total") || rep.Warnings[1].Input != at("goroutines") {
		t.Errorf("warnings %+v", rep.Warnings)
	}
	if rep.Findings[0].Change != finding.Same || len(rep.Gone) != 0 {
		t.Errorf("finding %s, gone %v", rep.Findings[0].Change, rep.Gone)
	}
	rep, err = Analyze(t.Context(), []string{at("now")}, Options{Base: []string{at("race")}})
	if err != nil || rep.Findings[0].Change != finding.New || len(rep.Gone) != 1 || rep.Gone[0].Rule != "data-race" {
		t.Errorf("a race log as base: gone %v, error %v", rep.Gone, err)
	}
	_, err = Analyze(t.Context(), []string{at("now")}, Options{Base: []string{at("notes")}})
	if err == nil || !strings.Contains(err.Error(), `text that starts with "to do"`) {
		t.Errorf("notes as base: %v", err)
	}
}

// TestAnalyzeSuppressInSource: a comment beside the code is told from a pattern.
func TestAnalyzeSuppressInSource(t *testing.T) {
	code := strings.Repeat("\n", 9) + "x++ //concdoctor:ignore data-race counts for a log\n"
	at := files(t, map[string]string{"main.go": code, "race": ""})
	race := strings.ReplaceAll(raceText, "/src/app/main.go", at("main.go"))
	if err := os.WriteFile(at("race"), []byte(race), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		suppress []string
		want     bool
	}{{nil, true}, {[]string{"data-race"}, false}} {
		rep, err := Analyze(t.Context(), []string{at("race")}, Options{Suppress: tt.suppress})
		if err != nil || len(rep.Findings) != 0 || len(rep.Suppressed) != 1 || rep.Suppressed[0].InSource != tt.want {
			t.Errorf("with %q: error %v, findings %q, set aside %+v", tt.suppress, err, headlines(rep), rep.Suppressed)
		}
	}
}

func TestAnalyzeSuppress(t *testing.T) {
	at := files(t, map[string]string{"mutex": mutexText, "race": raceText})
	for _, tt := range []struct {
		suppress string
		want     []string
		warnings int
	}{
		{"contention", []string{raceLine}, 1},
		{"contention:main.(*Store).Put", []string{raceLine}, 1},
		{"contention:main.f", []string{raceLine, mutexLine}, 0},
		{"data-race:main.g", []string{mutexLine}, 1},
	} {
		rep, err := Analyze(t.Context(), []string{at("mutex"), at("race")}, Options{Suppress: []string{tt.suppress}})
		if diff := cmp.Diff(tt.want, headlines(rep)); diff != "" || err != nil {
			t.Errorf("%s: error %v, findings (-want +got):\n%s", tt.suppress, err, diff)
		}
		if len(rep.Warnings) != tt.warnings || len(rep.Suppressed) != tt.warnings {
			t.Errorf("%s: warnings %v, %d findings set aside", tt.suppress, rep.Warnings, len(rep.Suppressed))
		}
		for _, s := range rep.Suppressed {
			if s.By != tt.suppress || s.Finding.Fingerprint == "" {
				t.Errorf("%s: suppressed by %q: fingerprint %q", tt.suppress, s.By, s.Finding.Fingerprint)
			}
		}
	}
	for text, want := range map[string]string{
		"contention:": "no function after the colon", "contentions": `no rule "contentions"`, "": `no rule ""`,
	} {
		if _, err := Analyze(t.Context(), nil, Options{Suppress: []string{text}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Analyze suppressed by %q: %v, want %q", text, err, want)
		}
	}
}

func TestAnalyzeTornRaceLog(t *testing.T) {
	rep, err := Analyze(t.Context(), []string{"-"}, Options{Stdin: strings.NewReader(raceText + cutRace)})
	if diff := cmp.Diff([]string{raceLine}, headlines(rep)); diff != "" || err != nil {
		t.Errorf("error %v, findings (-want +got):\n%s", err, diff)
	}
	if len(rep.Warnings) != 1 || rep.Warnings[0].Text != "1 of 2 race reports are torn or cut off and were left out: the one at line 11" {
		t.Errorf("warnings %v", rep.Warnings)
	}
}

// TestAnalyzeReport holds that a saved report becomes part of the new one, and an agent's
// findings too.
func TestAnalyzeReport(t *testing.T) {
	old, err := Analyze(t.Context(), []string{"-"}, Options{Stdin: strings.NewReader(raceText)})
	if err != nil {
		t.Fatal(err)
	}
	var report, line bytes.Buffer
	if err := old.Write(&report); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(&line).Encode(&old.Findings[0]); err != nil {
		t.Fatal(err)
	}
	at := files(t, map[string]string{"report.json": report.String(), "agent.json": line.String(), "mutex": mutexText})
	for _, name := range []string{"report.json", "agent.json"} {
		rep, err := Analyze(t.Context(), []string{at(name), at("mutex")}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Inputs) != 2 || !slices.Contains(headlines(rep), raceLine) {
			t.Errorf("%s: inputs %v, findings %q", name, rep.Inputs, headlines(rep))
		}
	}
}

func TestAnalyzeCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	at := files(t, map[string]string{"mutex": mutexText})
	rep, err := Analyze(ctx, []string{at("mutex")}, Options{})
	if !errors.Is(err, context.Canceled) || len(rep.Inputs) != 0 {
		t.Errorf("inputs %v, error %v", rep.Inputs, err)
	}
}

// heldReader gives its text, and its end only once released.
type heldReader struct {
	text    io.Reader
	release chan struct{}
}

func (r *heldReader) Read(p []byte) (int, error) {
	n, err := r.text.Read(p)
	if errors.Is(err, io.EOF) {
		<-r.release
	}
	return n, err
}

func TestAnalyzeProgress(t *testing.T) {
	head := strings.Repeat("# comment\n", 10_000) // more than recognition reads ahead
	r := &heldReader{text: strings.NewReader(mutexText + head), release: make(chan struct{})}
	calls := 0
	rep, err := Analyze(t.Context(), []string{"-"}, Options{Stdin: r, Progress: func(name string, done, total int64) {
		if calls++; calls == 1 {
			if name != "standard input" || done <= 0 || total != 0 {
				t.Errorf("progress %q %d %d", name, done, total)
			}
			close(r.release)
		}
	}})
	if err != nil || calls == 0 || len(rep.Findings) != 1 {
		t.Errorf("calls %d, findings %v, error %v", calls, headlines(rep), err)
	}
}
