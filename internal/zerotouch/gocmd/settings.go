package gocmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// Settings are those of the go command that a command line will use.
type Settings struct {
	GOROOT, GOVERSION string
	GOOS, GOARCH      string
	GOHOSTOS          string
	GOHOSTARCH        string
	GOFLAGS           string
	GOEXPERIMENT      string
	GOTOOLCHAIN       string
	GOMODCACHE        string
	CC                string
}

// ErrNoGo says that there is no go command.
var ErrNoGo = errors.New("no go command in PATH: zero touch runs the installed one; see https://go.dev/doc/install")

// ExitError is the exit status of the go command, which has said why itself.
type ExitError struct {
	Status int
	// Stderr is what it said, if it was not said to the user yet.
	Stderr string
}

func (e *ExitError) Error() string {
	if e.Stderr != "" {
		return strings.TrimRight(e.Stderr, "\n")
	}
	return fmt.Sprintf("the exit status of the go command is %d", e.Status)
}

// ReadSettings asks the go command in the directory dir, "" for the current one; env nil is
// the environment of this process. The error is ErrNoGo, or an *ExitError with the words
// of the go command.
func ReadSettings(ctx context.Context, dir string, env []string) (*Settings, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, ErrNoGo
	}
	args := []string{"env"}
	if dir != "" {
		args = append(args, "-C", dir)
	}
	cmd := exec.CommandContext(ctx, path, append(args, "-json")...)
	cmd.Env = env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, &ExitError{Status: max(exit.ExitCode(), 1), Stderr: stderr.String()}
		}
		return nil, fmt.Errorf("asking the go command for its settings: %w", err)
	}
	var s Settings
	if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
		return nil, fmt.Errorf("asking the go command for its settings: %w", err)
	}
	return &s, nil
}

// flag returns the value of a flag in GOFLAGS, and whether it is there.
func (s *Settings) flag(name string) (value string, has bool) {
	words, err := toolexec.Split(s.GOFLAGS)
	if err != nil {
		return "", false // the go command will say so
	}
	for _, w := range words {
		flag, v, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
		if flag == name {
			value, has = v, true
		}
	}
	return value, has
}

// Target is what programs are built for with these settings.
func (s *Settings) Target() patch.Target {
	t := patch.Target{GOOS: s.GOOS, GOARCH: s.GOARCH, GoVersion: s.GOVERSION}
	for name := range strings.SplitSeq(s.GOEXPERIMENT, ",") {
		if name != "" && !strings.HasPrefix(name, "no") {
			t.Tags = append(t.Tags, "goexperiment."+name)
		}
	}
	return t
}
