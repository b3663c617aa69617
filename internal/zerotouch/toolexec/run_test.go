package toolexec

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

// lists are the patch lists of the tests, by the name in TOOLEXEC_TEST_LIST.
var lists = map[string][]patch.Set{
	"box": {{
		Package: "box", Stamp: "mark", Without: []string{"old.s"},
		Ops:   []patch.Op{patch.Enter{Func: "open", Insert: "seen()"}},
		Files: []patch.File{{Name: "seen.go", Text: "package box\n\nfunc seen()\n"}},
	}},
	"imports": {{Package: "box", Files: []patch.File{{Name: "seen.go", Text: "package box\n\nimport _ \"internal/abi\"\nimport _ \"lid\"\n"}}}},
	"unknown": {{Package: "box", Ops: []patch.Op{patch.Exists{Name: "lid"}}}},
	// mutex counts Lock of sync.Mutex, for programs that are really built.
	"mutex": {{
		Package: "sync", Stamp: "concdoctorStamp",
		Ops: []patch.Op{
			patch.Rename{Func: "(*Mutex).Lock", To: "lockPlain"},
			patch.Replace{Func: "(*RWMutex).Lock", Old: "rw.w.Lock", New: "rw.w.lockPlain"},
			patch.Signature{Func: "(*Mutex).Lock", Type: "func()"},
		},
		Files: []patch.File{{Name: "concdoctor.go", Text: `package sync

import "unsafe"

var concdoctorCount int

func (m *Mutex) Lock() {
	concdoctorCount++
	if concdoctorCount == 7 {
		println(unsafe.String(unsafe.StringData(concdoctorStamp), 21), concdoctorCount)
	}
	m.lockPlain()
}
`}},
	}},
}

// bench is a place where a fake go command calls its tools.
type bench struct {
	dir, log string
	env      []string
}

func newBench(t *testing.T, list string) *bench {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{dir: t.TempDir()}
	b.log = filepath.Join(b.dir, "log")
	b.env = append(os.Environ(), "TOOLEXEC_TEST_LIST="+list, "FAKE_LOG="+b.log, "GOOS=linux", "GOARCH=amd64", "GOROOT=/goroot", "GOEXPERIMENT=")
	for _, tool := range []string{"compile", "link", "asm", "chained"} {
		text, err := os.ReadFile(self)
		if err == nil {
			err = os.WriteFile(b.path(tool), text, 0o777)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// result is what came of a call.
type result struct {
	status         int
	stdout, stderr string
	calls          []called
}

func (b *bench) call(t *testing.T, config Config, stdin string, words ...string) result {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	flag, err := Flag(self, config)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Split(flag)
	if err != nil {
		t.Fatal(err)
	}
	all = append(all, words...)
	var r result
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), all[0], all[1:]...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = b.env, strings.NewReader(stdin), &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	r.status, r.stdout, r.stderr = cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
	if log, err := os.Open(b.log); err == nil {
		defer log.Close()
		for dec := json.NewDecoder(log); ; {
			var c called
			if err := dec.Decode(&c); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			r.calls = append(r.calls, c)
		}
	}
	return r
}

func TestToolsPassThrough(t *testing.T) {
	args := []string{"-x", "", "two words", "-p", "box", "a.s"}
	for _, tool := range []string{"asm", "compile"} {
		t.Run(tool, func(t *testing.T) {
			b := newBench(t, "box")
			b.env = append(b.env, "FAKE_STDOUT=out", "FAKE_STDERR=err", "FAKE_STATUS=7")
			r := b.call(t, Config{}, "in", append([]string{b.path(tool)}, args...)...)
			want := result{7, "out", "err", []called{{tool, args, "in", map[string]string{}}}}
			if !reflect.DeepEqual(r, want) {
				t.Errorf("got %+v\nwant %+v", r, want)
			}
		})
	}
	t.Run("through the user's own", func(t *testing.T) {
		b := newBench(t, "box")
		r := b.call(t, Config{Chain: []string{b.path("chained"), "its word"}}, "", b.path("asm"), "-x")
		if r.status != 0 || len(r.calls) != 2 || !slices.Equal(r.calls[0].Args, []string{"its word", b.path("asm"), "-x"}) || r.calls[1].Name != "asm" {
			t.Errorf("got %+v", r)
		}
	})
	t.Run("a tool that is not there", func(t *testing.T) {
		b := newBench(t, "box")
		r := b.call(t, Config{}, "", b.path("gone"))
		if r.status != 1 || !strings.Contains(r.stderr, "running a tool of the go command") || !strings.Contains(r.stderr, "gone") {
			t.Errorf("got %+v", r)
		}
	})
}

func TestVersion(t *testing.T) {
	list, err := patch.New(lists["box"])
	if err != nil {
		t.Fatal(err)
	}
	hash := list.Hash()
	for _, tt := range []struct{ tool, answer, want string }{
		{"compile", "compile version go1.26.8\n", "compile version go1.26.8 concdoctor-" + hash + "\n"},
		{"link", "link version go1.26.8 X:nodwarf5\n", "link version go1.26.8 X:nodwarf5 concdoctor-" + hash + "\n"},
		{"compile", "compile version go1.28-devel_1 Tue buildID=a/b/c/d\n", "compile version go1.28-devel_1 Tue buildID=a/b/c/d+concdoctor-" + hash + "\n"},
		{"asm", "asm version go1.26.8\n", "asm version go1.26.8\n"},
	} {
		b := newBench(t, "box")
		b.env = append(b.env, "FAKE_STDOUT="+tt.answer)
		marks := t.TempDir()
		r := b.call(t, Config{Marks: marks}, "", b.path(tt.tool), "-V=full")
		if r.status != 0 || r.stdout != tt.want || r.stderr != "" {
			t.Errorf("%s: got %+v, want %q", tt.tool, r, tt.want)
		}
		if m, err := ReadMarks(marks); err != nil || m.Asked != 1 && tt.tool != "asm" {
			t.Errorf("marks %+v, %v", m, err)
		}
	}
	b := newBench(t, "box")
	b.env = append(b.env, "FAKE_STDERR=broken", "FAKE_STATUS=2")
	if r := b.call(t, Config{}, "", b.path("compile"), "-V=full"); r.status != 2 || r.stderr != "broken" {
		t.Errorf("a tool that fails: %+v", r)
	}
}

func TestLink(t *testing.T) {
	list, err := patch.New(lists["box"])
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, program, fakeStatus, stderr string
		status, linked                    int
	}{
		{"with the stamp", "a program " + list.Stamp() + " and more", "0", "", 0, 1},
		{"with the stamp across two pieces", strings.Repeat("x", 1<<20-10) + list.Stamp(), "0", "", 0, 1},
		{"without the stamp", "a program", "0", "concdoctor: the program prog was built without zero touch", 1, 0},
		{"with the stamp of another list", "concdoctor zero touch 0123", "0", "concdoctor: the program prog was built without zero touch", 1, 0},
		{"that fails", "", "3", "", 3, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, "box")
			if len(tt.program) > 1<<17 {
				found, err := Stamped(write(t, b.path("prog"), tt.program), list.Stamp())
				if err != nil || !found {
					t.Errorf("Stamped = %v, %v", found, err)
				}
				return
			}
			b.env = append(b.env, "FAKE_PROGRAM="+tt.program, "FAKE_STATUS="+tt.fakeStatus)
			marks := t.TempDir()
			r := b.call(t, Config{Marks: marks}, "", b.path("link"), "-o", b.path("prog"), "main.a")
			if r.status != tt.status || !strings.HasPrefix(r.stderr, tt.stderr) || (tt.stderr == "") != (r.stderr == "") {
				t.Errorf("got %+v", r)
			}
			if m, err := ReadMarks(marks); err != nil || m.Linked != tt.linked {
				t.Errorf("marks %+v, %v, want %d linked", m, err, tt.linked)
			}
		})
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestWords(t *testing.T) {
	for _, words := range [][]string{{"a", "b c", `say "x"`, "it's", "", "\t"}, {"/usr/bin/x"}, nil} {
		text, err := Join(words)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Split(text); err != nil || !slices.Equal(got, words) {
			t.Errorf("Split(Join(%q)) = %q, %v", words, got, err)
		}
	}
	if _, err := Join([]string{`both ' and "`}); err == nil {
		t.Error("a word that cannot be written was written")
	}
	if _, err := Split("'open"); err == nil {
		t.Error("an open quote was read")
	}
	for _, args := range [][]string{nil, {"-", "0"}, {"-", "x", "tool"}, {"-", "-1", "tool"}, {"-", "1", "tool"}} {
		if _, err := parseCall(args); err == nil {
			t.Errorf("%q was read as a call", args)
		}
	}
}
