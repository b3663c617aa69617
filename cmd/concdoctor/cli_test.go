package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/analyzer/render"
)

func environment(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

func TestUseColor(t *testing.T) {
	// /dev/null is a character device like a terminal, a file is none.
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tests := []struct {
		name, choice string
		w            io.Writer
		vars         map[string]string
		want         bool
	}{
		{"terminal", "auto", device, nil, true},
		{"terminal and NO_COLOR", "auto", device, map[string]string{"NO_COLOR": "1"}, false},
		{"terminal and empty NO_COLOR", "auto", device, map[string]string{"NO_COLOR": ""}, true},
		{"dumb terminal", "auto", device, map[string]string{"TERM": "dumb"}, false},
		{"file", "auto", file, nil, false},
		{"no file at all", "auto", new(bytes.Buffer), nil, false},
		{"always", "always", new(bytes.Buffer), map[string]string{"NO_COLOR": "1"}, true},
		{"never", "never", device, nil, false},
	}
	for _, tt := range tests {
		if got := useColor(tt.choice, tt.w, environment(tt.vars)); got != tt.want {
			t.Errorf("%s: colour %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestUseCharts(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	for _, tt := range []struct {
		choice string
		w      io.Writer
		vars   map[string]string
		want   render.Charts
	}{
		{"auto", device, map[string]string{"LANG": "en_US.UTF-8"}, render.BlockCharts},
		{"auto", device, map[string]string{"LC_ALL": "C", "LANG": "en_US.UTF-8"}, render.ASCIICharts},
		{"auto", device, map[string]string{"LC_CTYPE": "C.utf8"}, render.BlockCharts},
		{"auto", device, nil, render.ASCIICharts},
		{"auto", device, map[string]string{"LANG": "C.UTF-8", "TERM": "dumb"}, render.NoCharts},
		{"auto", new(bytes.Buffer), map[string]string{"LANG": "C.UTF-8"}, render.NoCharts},
		{"auto", nil, map[string]string{"LANG": "C.UTF-8"}, render.NoCharts},
		{"always", new(bytes.Buffer), map[string]string{"LANG": "C.UTF-8", "NO_COLOR": "1"}, render.BlockCharts},
		{"always", nil, nil, render.ASCIICharts},
		{"never", device, map[string]string{"LANG": "C.UTF-8"}, render.NoCharts},
	} {
		if runtime.GOOS == "windows" && tt.want == render.ASCIICharts {
			tt.want = render.BlockCharts
		}
		if got := useCharts(tt.choice, tt.w, environment(tt.vars)); got != tt.want {
			t.Errorf("%s with %v: %d, want %d", tt.choice, tt.vars, got, tt.want)
		}
	}
}

// step is one call of the progress of an input, at a time since its start.
type step struct {
	name        string
	at          time.Duration
	done, total int64
}

func TestProgress(t *testing.T) {
	steps := []step{
		{"a", 0, 1e6, 4e6}, {"a", 900 * time.Millisecond, 1e6, 4e6}, {"a", time.Second, 2e6, 4e6}, {"a", 2 * time.Second, 3e6, 4e6},
		{"-", 3 * time.Second, 0, 0}, {"-", 5 * time.Second, 5e6, 0}, {"-", 14 * time.Second, 6e6, 0}, {"-", 15 * time.Second, 7e6, 0},
	}
	run := func(terminal bool) string {
		var b bytes.Buffer
		start := time.Unix(0, 0)
		now := start
		p := &progress{w: &b, terminal: terminal, now: func() time.Time { return now }}
		for _, s := range steps {
			now = start.Add(s.at)
			p.update(s.name, s.done, s.total)
		}
		p.clear()
		return b.String()
	}
	if want := "reading a: 50 % of 4 MB\nreading -: 5 MB\nreading -: 7 MB\n"; run(false) != want {
		t.Errorf("plain progress %q, want %q", run(false), want)
	}
	want := "\rreading a: 50 % of 4 MB\rreading a: 75 % of 4 MB\r" + strings.Repeat(" ", 23) + "\r" +
		"\rreading -: 5 MB\rreading -: 6 MB\rreading -: 7 MB\r" + strings.Repeat(" ", 15) + "\r"
	if got := run(true); got != want {
		t.Errorf("progress on a terminal %q, want %q", got, want)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"lock-cycle", "deadlock", "self-deadlock", "data-race", "contention", "loop-blocked", "serialized"}
	for word, want := range map[string][]string{
		"lock-cicle": {"lock-cycle"},
		"deadlok":    {"deadlock"},
		"dead":       {"deadlock", "self-deadlock"},
		"Contention": {"contention"},
		"datarace":   {"data-race"},
		"lock":       {"lock-cycle", "deadlock", "self-deadlock"},
		"x":          nil,
		"":           nil,
		"nonsense":   nil,
	} {
		if diff := cmp.Diff(want, nearest(word, names)); diff != "" {
			t.Errorf("nearest(%q) (-want +got):\n%s", word, diff)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"abc", "abc", 0}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestWriteWhole(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report")
	say := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			fmt.Fprint(w, text)
			return err
		}
	}
	if err := writeWhole(name, say("first", nil)); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("out of words")
	if err := writeWhole(name, say("half", broken)); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "writing "+name) {
		t.Errorf("failing write: %v", err)
	}
	got, err := os.ReadFile(name)
	if err != nil || string(got) != "first" {
		t.Errorf("file holds %q, %v", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("directory holds %v, %v", entries, err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(name, link); err != nil {
		t.Fatal(err)
	}
	if err := writeWhole(link, say("through the link", nil)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(name); err != nil || string(got) != "through the link" {
		t.Errorf("behind the link: %q, %v", got, err)
	}
	if err := writeWhole(os.DevNull, say("x", nil)); err != nil {
		t.Errorf("null device: %v", err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("the null device is gone: %v, %v", info, err)
	}
	if err := writeWhole(dir, say("x", nil)); err == nil {
		t.Error("wrote over a directory")
	}
	if err := writeWhole(filepath.Join(dir, "no", "report"), say("x", nil)); err == nil {
		t.Error("wrote into a directory that does not exist")
	}
}

// completions are command lines, the last word being completed, with what must be
// offered: exactly, unless the list ends in "...".
var completions = []struct {
	line string
	want string
}{
	{"an", "analyze"},
	{"h", "help"},
	{"nosuch ", ""},
	{"analyze --fo", "--format"},
	{"analyze --format ", "text json dot pprof html sarif"},
	{"analyze --format=", "text json dot pprof html sarif"},
	{"analyze --format=j", "json"},
	{"analyze --fail-on w", "warning"},
	{"analyze --suppress data", "data-race"},
	{"analyze -o ", ""},
	{"analyze trace.out --color a", "auto always"},
	{"analyze ", ""},
	{"explain deadl", "deadlock"},
	{"help rend", "render"},
	{"completion ", "bash zsh fish"},
	{"version ", ""},
}

func TestCandidates(t *testing.T) {
	for _, tt := range completions {
		got := candidates(strings.Split(tt.line, " "))
		if diff := cmp.Diff(strings.Fields(tt.want), got, emptyIsNil); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.line, diff)
		}
	}
	if got := candidates(nil); !slices.Equal(got, commandNames()) {
		t.Errorf("no words: %q", got)
	}
	if got := candidates([]string{""}); !slices.Equal(got, commandNames()) {
		t.Errorf("one empty word: %q", got)
	}
}

var emptyIsNil = cmp.Transformer("emptyIsNil", func(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return s
})

// TestBashCompletion lets bash itself complete: the words are split as bash splits
// them, at = too.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not installed")
	}
	dir := programDir(t)
	script := bashScript + `
complete_line() {
	COMP_WORDS=(concdoctor "$@") COMP_CWORD=$# COMPREPLY=()
	_concdoctor
	echo "${COMPREPLY[*]}"
}
`
	var want strings.Builder
	for _, tt := range completions {
		words := strings.Split(strings.ReplaceAll(tt.line, "=", " = "), " ")
		if strings.HasSuffix(tt.line, "=") {
			words = words[:len(words)-1]
		}
		script += "complete_line"
		for _, w := range words {
			script += " '" + w + "'"
		}
		script += "\n"
		want.WriteString(tt.want + "\n")
	}
	c := exec.CommandContext(t.Context(), bash, "-c", script)
	c.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	got, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("bash: %v\n%s", err, got)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("completions (-want +got):\n%s", diff)
	}
}

// TestCommands holds what help, dispatch and completion take for granted.
func TestCommands(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range commands() {
		if seen[c.name] || c.name == "" {
			t.Errorf("two commands named %q", c.name)
		}
		seen[c.name] = true
		if !c.hidden && (c.short == "" || c.long == "" || strings.HasSuffix(c.short, ".")) {
			t.Errorf("%s: short %q, long %q", c.name, c.short, c.long)
		}
		if _, act := c.flags(); act == nil {
			t.Errorf("%s has no action", c.name)
		}
	}
}

func TestBinaryIsNotForTerminals(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as terminals are
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	for _, tt := range []struct {
		format, file string
		out          io.Writer
		refused      bool
	}{
		{"pprof", "", device, true},
		{"pprof", "x.pb.gz", device, false},
		{"pprof", "", new(bytes.Buffer), false},
		{"json", "", device, false},
	} {
		o := output{format: &choice{value: tt.format}, file: tt.file}
		err := o.check(&streams{out: tt.out})
		if usage := new(usageError); errors.As(err, &usage) != tt.refused {
			t.Errorf("%s to %q: %v", tt.format, tt.file, err)
		}
	}
}
