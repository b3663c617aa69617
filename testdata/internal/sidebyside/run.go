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

// Timed runs the tests with their processor time.
func (t *Tests) Timed(ctx context.Context, way Way) (*Run, error) {
	var idle *Run
	for range 2 { // the first compiles what is not in the build cache
		var err error
		if idle, err = t.run(ctx, way, "-run", "^$"); err != nil {
			return nil, err
		}
	}
	r, err := t.run(ctx, way)
	if err == nil {
		r.CPU -= idle.CPU
	}
	return r, err
}

// run runs the tests with more flags. The processor time is that of the whole command.
func (t *Tests) run(ctx context.Context, way Way, more ...string) (*Run, error) {
	dir, err := os.MkdirTemp(t.Keep, strings.ReplaceAll(way.Name, " ", "")+"-")
	if err != nil {
		return nil, err
	}
	report := filepath.Join(dir, "report.json")
	args := t.command(way, report, more)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = t.Dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	if err := errors.Join(ctx.Err(), os.WriteFile(filepath.Join(dir, "events.json"), stdout.Bytes(), 0o600), os.WriteFile(filepath.Join(dir, "stderr"), stderr.Bytes(), 0o600)); err != nil {
		return nil, err
	}
	r, err := read(&stdout)
	if err != nil || len(r.Results) == 0 {
		return nil, fmt.Errorf("%s: %v ran no test: %w\n%s", way.Name, args, err, stderr.Bytes())
	}
	r.Way, r.CPU = way, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	if way.Observed {
		err = r.readReport(report)
	}
	return r, err
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
