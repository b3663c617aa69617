package sidebyside

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Way is how tests are run.
type Way struct {
	Name           string
	Observed, Race bool
}

// The ways.
var (
	Plain     = Way{Name: "plain"}
	PlainRace = Way{Name: "plain -race", Race: true}
	ZeroTouch = Way{Name: "zero touch", Observed: true}
	ZeroRace  = Way{Name: "zero touch -race", Observed: true, Race: true}
)

// Tests are the tests of a module or of the standard library.
type Tests struct {
	// Doctor is the concdoctor to run, see Build.
	Doctor string
	// Dir is where the go command runs, "" for the current directory.
	Dir string
	// Flags are for go test.
	Flags    []string
	Packages []string
	// Keep is a directory for all that the runs wrote, which gets a directory for each.
	Keep string
	// Env is added to the environment of the go command.
	Env []string
	// Limit is how long the go command may run before it is killed with all that it
	// started, if not 0.
	Limit time.Duration
	// Clock says that this program itself runs the test programs for the go command, see
	// IsClock: times are then those of the test programs.
	Clock bool
}

// Run is what came of the tests in one way.
type Run struct {
	Way      Way
	Results  map[Test]string // "pass", "fail" or "skip"
	Output   map[Test]string // of those that failed
	Wall     time.Duration
	CPU      time.Duration
	Findings []finding.Finding
	// SetAside are those that were suppressed, most by concdoctor's own list.
	SetAside []finding.Suppressed
	Warnings []finding.Caveat
}

// Test is a test of a package, or with no name the package.
type Test struct{ Package, Name string }

func (t Test) String() string { return strings.TrimSuffix(t.Package+" "+t.Name, " ") }

// Parent is the test whose subtest it is, or itself.
func (t Test) Parent() Test {
	t.Name, _, _ = strings.Cut(t.Name, "/")
	return t
}

// Build builds concdoctor in a directory.
func Build(ctx context.Context, dir string) (string, error) {
	doctor := filepath.Join(dir, "concdoctor")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", doctor, "github.com/concdoctor/concdoctor/cmd/concdoctor").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building concdoctor: %w\n%s", err, out)
	}
	return doctor, nil
}

// Once runs the tests, with more flags. The processor time is that of the whole command
// where there is no clock.
func (t *Tests) Once(ctx context.Context, way Way, more ...string) (*Run, error) {
	dir, err := os.MkdirTemp(t.Keep, strings.ReplaceAll(way.Name, " ", "")+"-")
	if err != nil {
		return nil, err
	}
	report, times := filepath.Join(dir, "report.json"), filepath.Join(dir, "times")
	if t.Clock {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		more = append([]string{fmt.Sprintf("-exec=%s %s %s", self, clockWord, times)}, more...)
	}
	args := t.command(way, report, more)
	stdout, stderr, cpu, err := t.exec(ctx, args)
	if err := errors.Join(err, os.WriteFile(filepath.Join(dir, "events.json"), stdout, 0o600), os.WriteFile(filepath.Join(dir, "stderr"), stderr, 0o600)); err != nil {
		return nil, fmt.Errorf("%s: %w", way.Name, err)
	}
	r, err := read(bytes.NewReader(stdout))
	if err != nil || len(r.Results) == 0 {
		return nil, fmt.Errorf("%s: %v ran no test: %w\n%s", way.Name, args, err, stderr)
	}
	r.Way, r.CPU = way, cpu
	if t.Clock {
		sum, err := noted(times)
		if err != nil {
			return nil, err
		}
		r.Wall, r.CPU = sum.Wall, sum.CPU
	}
	if way.Observed {
		err = r.readReport(report)
	}
	return r, err
}

// killDelay is how long is waited for the streams of a command that was killed.
const killDelay = 5 * time.Second

// exec runs a command with all that it starts, whatever its exit status.
func (t *Tests) exec(ctx context.Context, args []string) (stdout, stderr []byte, cpu time.Duration, err error) {
	limited, cancel := ctx, context.CancelFunc(func() {})
	if t.Limit > 0 {
		limited, cancel = context.WithTimeoutCause(ctx, t.Limit, fmt.Errorf("took longer than %s", t.Limit))
	}
	defer cancel()
	cmd := exec.CommandContext(limited, args[0], args[1:]...)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	cmd.Dir, cmd.Env, cmd.WaitDelay = t.Dir, append(os.Environ(), t.Env...), killDelay
	inGroup(cmd)
	err = cmd.Run()
	killGroup(cmd)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	if limited.Err() != nil {
		err = context.Cause(limited)
	}
	if cmd.ProcessState != nil {
		cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return out.Bytes(), problems.Bytes(), cpu, err
}

func (t *Tests) command(way Way, report string, more []string) (args []string) {
	args = []string{"go", "test"}
	if way.Observed {
		args = []string{t.Doctor, "test", "--format", "json", "--report", report, "--"}
	}
	args = append(args, "-json", "-count=1")
	if way.Race {
		args = append(args, "-race")
	}
	return slices.Concat(args, t.Flags, more, t.Packages)
}

func (r *Run) readReport(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var rep finding.Report
	if err := json.Unmarshal(data, &rep); err != nil {
		return fmt.Errorf("reading the report: %w", err)
	}
	r.Findings, r.SetAside, r.Warnings = rep.Findings, rep.Suppressed, rep.Warnings
	return nil
}
