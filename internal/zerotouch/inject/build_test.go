package inject

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/internal/testgo"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// TestMain lets the test binary be the program that the go command calls for its tools.
func TestMain(m *testing.M) {
	testgo.Tool(Sets)
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// built is the program of all scenes, built once for all tests.
var built struct {
	once sync.Once
	dir  string
	err  error
}

func program(t *testing.T) string {
	t.Helper()
	if !Available(runtime.GOOS, runtime.GOARCH) {
		t.Skip("nothing is recorded here")
	}
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "scenes"); built.err == nil {
			built.err = testgo.Run(context.Background(), "testdata/scenes", "build", "-o", filepath.Join(built.dir, "scenes"), ".")
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "scenes")
}

// start is a command that records to a directory of its own.
func start(t *testing.T, name string, args ...string) (cmd *exec.Cmd, tapes string) {
	t.Helper()
	tapes = t.TempDir()
	cmd = exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), "CONCDOCTOR_TAPE_DIR="+tapes)
	return cmd, tapes
}

// play runs a scene to its end and returns its tape, which is the only one.
func play(t *testing.T, scene string) *tape.Tape {
	t.Helper()
	cmd, tapes := start(t, program(t), scene)
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, out)
	}
	return only(t, tapes)
}

func only(t *testing.T, dir string) *tape.Tape {
	t.Helper()
	all := read(t, dir)
	if len(all) != 1 {
		t.Fatalf("%d tapes, want 1", len(all))
	}
	return all[0]
}

func read(t *testing.T, dir string) []*tape.Tape {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.tape"))
	if err != nil {
		t.Fatal(err)
	}
	var all []*tape.Tape
	for _, name := range names {
		f, err := tape.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		one, err := f.Read()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// top is the innermost function of a stack, without the path of its package.
func top(s finding.Stack) string {
	if len(s) == 0 {
		return "?"
	}
	name := s[0].Func[strings.LastIndexByte(s[0].Func, '/')+1:] // with the numbers of closures
	return strings.TrimPrefix(strings.TrimPrefix(name, "main."), "hangs.")
}

// ours are a tape's things that happened in the program's own code: the standard library
// locks and sends too.
func ours(s finding.Stack) bool {
	return len(s) > 0 && (s[0].Package() == "main" || s[0].Package() == "example.com/hangs")
}
