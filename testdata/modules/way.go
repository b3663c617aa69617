package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// way is how tests are run.
type way struct {
	name           string
	observed, race bool
}

// The ways, each before the one that it is compared with.
const (
	plain = iota
	seen
	plainRace
	seenRace
)

var ways = [...]way{
	plain: {name: "plain"}, seen: {name: "observed", observed: true},
	plainRace: {name: "plain-race", race: true}, seenRace: {name: "observed-race", observed: true, race: true},
}

// outcome is what one run showed.
type outcome struct {
	results results
	took    took
	report  *finding.Report // nil for a plain run
}

// killDelay is how long after the end of a killed command is waited for what it started
// and what still holds its streams.
const killDelay = 5 * time.Second

// test runs go test or concdoctor test in dir. name is for the files that it leaves.
func (b *bench) test(ctx context.Context, w way, dir, name string, args ...string) (*outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	base := filepath.Join(b.dir, name)
	if b.keep != "" {
		base = filepath.Join(b.keep, name)
	}
	report, times := base+".report.json", base+".times"
	for _, file := range []string{report, times} {
		if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	all := []string{"test", "-json", "-count=1", "-p=1", "-vet=off", fmt.Sprintf("-exec=%s %s %s", b.self, timer, times)}
	program := "go"
	if w.observed {
		program = b.doctor
		all = slices.Concat([]string{"test", "--format", "json", "--report", report, "--"}, all[1:])
	}
	if w.race {
		all = append(all, "-race")
	}
	cmd := exec.CommandContext(ctx, program, append(all, args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, environment(), killDelay
	// What the tests have started ends with them.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if b.keep != "" {
		if err := os.WriteFile(base+".log", slices.Concat(stdout.Bytes(), stderr.Bytes()), 0o600); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: took longer than %s", w.name, b.limit)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	o := &outcome{results: readResults(&stdout)}
	if len(o.results) == 0 && err != nil {
		return nil, fmt.Errorf("%s: %w: %s", w.name, err, lastLine(stderr.Bytes()))
	}
	if o.took, err = noted(times); err != nil {
		return nil, err
	}
	if w.observed {
		o.report, err = readReport(report)
	}
	return o, err
}

func readReport(name string) (*finding.Report, error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("concdoctor left no report")
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return finding.Read(file)
}

// build makes all test programs in one way without running a test.
func (b *bench) build(ctx context.Context, w way, dir string, m *module) error {
	o, err := b.test(ctx, w, dir, m.Name+"."+w.name+".build", slices.Concat(withoutRun(m.Flags), []string{"-run=^$"}, m.Packages)...)
	if err != nil {
		return err
	}
	if bad := o.results.broken(); len(bad) > 0 {
		return fmt.Errorf("%s: does not build: %s", w.name, strings.Join(bad, ", "))
	}
	return nil
}

// withoutRun are the flags without the choice of tests.
func withoutRun(flags []string) (rest []string) {
	for i := 0; i < len(flags); i++ {
		if flags[i] == "-run" || flags[i] == "-skip" {
			i++
			continue
		}
		rest = append(rest, flags[i])
	}
	return rest
}
