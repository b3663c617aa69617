package inject

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// built are the programs that were built, each once for all tests: linking one takes
// seconds.
var built programs

type programs struct {
	mu    sync.Mutex
	dir   string
	paths map[string]string // by directory and arguments
}

func (p *programs) program(dir string, args []string) (path string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := strings.Join(append([]string{dir}, args...), " ")
	if path = p.paths[key]; path != "" {
		return path, nil
	}
	if p.dir == "" {
		if p.dir, err = os.MkdirTemp("", "inject"); err != nil {
			return "", err
		}
		p.paths = make(map[string]string)
	}
	path = filepath.Join(p.dir, fmt.Sprint(dir, len(p.paths)))
	err = testgo.Run(context.Background(), filepath.Join("testdata", dir), args[0], slices.Concat(args[1:], []string{"-o", path, "."})...)
	if err == nil {
		p.paths[key] = path
	}
	return path, err
}

// program is the program of all scenes.
func program(t *testing.T) string {
	t.Helper()
	return build(t, "scenes", "build")
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
