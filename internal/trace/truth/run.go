package truth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"

	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/analyzer"
)

// The variables that say what the child is to run and where to put its files.
const (
	programVariable = "CONCDOCTOR_TRUTH_PROGRAM"
	dirVariable     = "CONCDOCTOR_TRUTH_DIR"
)

// defaultProcs makes a run the same on every machine.
const defaultProcs = 2

// Attempts is in how many runs a figure must be off to be wrong.
const Attempts = 20

// Child runs the program that this process was started for, and ends the process. It
// returns if it was not started by Run; every main function and TestMain that uses
// Run calls it first.
func Child() {
	name, isChild := os.LookupEnv(programVariable)
	if !isChild {
		return
	}
	if err := record(name, os.Getenv(dirVariable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func lookup(name string) (Program, error) {
	all := Programs()
	i := slices.IndexFunc(all, func(p Program) bool { return p.Name == name })
	if i < 0 {
		return Program{}, fmt.Errorf("unknown program %q", name)
	}
	return all[i], nil
}

// record runs the program with its tracer and profilers on.
func record(name, dir string) error {
	p, err := lookup(name)
	if err != nil {
		return err
	}
	if p.Before != nil {
		p.Before()
	}
	f, err := os.Create(filepath.Join(dir, "trace"))
	if err != nil {
		return fmt.Errorf("creating the trace: %w", err)
	}
	var j Journal
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	if err := trace.Start(f); err != nil {
		return fmt.Errorf("starting the trace: %w", err)
	}
	p.Run(&j)
	trace.Stop()
	return errors.Join(f.Close(), writeProfile(dir, "block"), writeProfile(dir, "mutex"), writeJournal(dir, &j))
}

func writeProfile(dir, name string) error {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return fmt.Errorf("creating the %s profile: %w", name, err)
	}
	return errors.Join(pprof.Lookup(name).WriteTo(f, 0), f.Close())
}

func writeJournal(dir string, j *Journal) error {
	data, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encoding the journal: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "journal"), data, 0o600)
}

// Run runs the program once in a child process and compares what the analysis says.
// With keep, the child's files stay there.
func Run(ctx context.Context, p Program, keep string) ([]Figure, error) {
	dir := keep
	if dir == "" {
		temporary, err := os.MkdirTemp("", "truth")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	procs := p.Procs
	if procs == 0 {
		procs = defaultProcs
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), programVariable+"="+p.Name, dirVariable+"="+dir, fmt.Sprintf("GOMAXPROCS=%d", procs))
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("program %s: %w\n%s", p.Name, err, out)
	}
	o, err := read(ctx, p, dir)
	if err != nil {
		return nil, fmt.Errorf("program %s: %w", p.Name, err)
	}
	figures := p.Figures(o)
	for i := range figures {
		figures[i].Program = p.Name
	}
	return figures, nil
}

// read analyzes the child's files.
func read(ctx context.Context, p Program, dir string) (*Outcome, error) {
	o := new(Outcome)
	data, err := os.ReadFile(filepath.Join(dir, "journal"))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &o.Journal); err != nil {
		return nil, fmt.Errorf("decoding the journal: %w", err)
	}
	if o.Block, err = readProfile(dir, "block"); err != nil {
		return nil, err
	}
	if o.Mutex, err = readProfile(dir, "mutex"); err != nil {
		return nil, err
	}
	o.Report, err = analyzer.Analyze(ctx, []string{filepath.Join(dir, "trace")}, analyzer.Options{Regions: p.Regions})
	if err == nil && len(o.Report.Warnings) > 0 {
		err = errors.New(o.Report.Warnings[0].Text)
	}
	return o, err
}

func readProfile(dir, name string) (*profile.Profile, error) {
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return profile.Parse(f)
}

// Settle runs the program until its figures agree, [Attempts] times at most. A figure
// that once agreed counts as right in the result, which keeps the attempt that it did.
func Settle(ctx context.Context, p Program) ([]Figure, error) {
	var settled []Figure
	for range Attempts {
		figures, err := Run(ctx, p, "")
		if err != nil {
			return nil, err
		}
		if settled == nil {
			settled = figures
		}
		for i := range settled {
			if i < len(figures) && !settled[i].OK() && figures[i].OK() {
				settled[i] = figures[i]
			}
		}
		if !slices.ContainsFunc(settled, func(f Figure) bool { return !f.OK() }) {
			break
		}
	}
	return settled, nil
}
