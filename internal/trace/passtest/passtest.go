package passtest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/trace"
	"slices"
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/trace/reader"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
)

// The variables that say what the child is to run and where to put the trace.
const (
	programVariable = "CONCDOCTOR_PASSTEST_PROGRAM"
	beforeVariable  = "CONCDOCTOR_PASSTEST_BEFORE"
	traceVariable   = "CONCDOCTOR_PASSTEST_TRACE"
)

// Program names a program to run.
type Program struct {
	Name string
	// Before names a program that runs before the trace starts, "" for none: what it
	// leaves behind lives from before the trace.
	Before string
	// Procs is its GOMAXPROCS; 0 is 2, so that a run is the same on every machine.
	Procs int
	// Even changes what may differ from run to run before findings are compared.
	Even func([]finding.Finding)
}

// Main runs the test, or in a child the program that it was started for. It does
// not return.
func Main(m *testing.M, programs map[string]func()) {
	name, isChild := os.LookupEnv(programVariable)
	if !isChild {
		os.Exit(m.Run())
	}
	program := lookup(programs, name)
	if before := os.Getenv(beforeVariable); before != "" {
		lookup(programs, before)()
	}
	f, err := os.Create(os.Getenv(traceVariable))
	if err != nil {
		fail(fmt.Errorf("creating the trace: %w", err))
	}
	if err := trace.Start(f); err != nil {
		fail(fmt.Errorf("starting the trace: %w", err))
	}
	program()
	trace.Stop()
	if err := f.Close(); err != nil {
		fail(fmt.Errorf("writing the trace: %w", err))
	}
	os.Exit(0)
}

func lookup(programs map[string]func(), name string) func() {
	run, ok := programs[name]
	if !ok {
		fail(fmt.Errorf("unknown program %q", name))
	}
	return run
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// Analyze runs the program and returns what the passes find, in the report's order.
func Analyze(t *testing.T, p Program, passes ...func(*replay.Trace) replay.Pass) []finding.Finding {
	t.Helper()
	found := replayFile(t, record(t, p), passes)
	if p.Even != nil {
		p.Even(found)
	}
	return found
}

// record returns the name of the trace of one run.
func record(t *testing.T, p Program) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "trace.out")
	procs := p.Procs
	if procs == 0 {
		procs = 2
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), programVariable+"="+p.Name, beforeVariable+"="+p.Before, traceVariable+"="+file, fmt.Sprintf("GOMAXPROCS=%d", procs))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("program %s: %v\n%s", p.Name, err, out)
	}
	return file
}

func replayFile(t *testing.T, file string, passes []func(*replay.Trace) replay.Pass) []finding.Finding {
	t.Helper()
	in, err := input.Open(context.Background(), file, input.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	_, rep := run(t, in, passes)
	return rep.Findings
}

// Capture traces f in this process and replays the trace through the passes.
func Capture(t *testing.T, f func(), passes ...func(*replay.Trace) replay.Pass) (*replay.Trace, *finding.Report) {
	t.Helper()
	var buf bytes.Buffer
	if err := trace.Start(&buf); err != nil {
		t.Fatal(err)
	}
	f()
	trace.Stop()
	in, err := input.New("standard input", &buf)
	if err != nil {
		t.Fatal(err)
	}
	return run(t, in, passes)
}

func run(t *testing.T, in *input.Input, passes []func(*replay.Trace) replay.Pass) (*replay.Trace, *finding.Report) {
	t.Helper()
	src, err := reader.New(in)
	if err != nil {
		t.Fatal(err)
	}
	tr := replay.New(in.Name)
	made := make([]replay.Pass, len(passes))
	for i, pass := range passes {
		made[i] = pass(tr)
	}
	rep := finding.NewReport(finding.Tool{Name: "test"})
	if err := tr.Run(context.Background(), src, made...); err != nil {
		t.Fatal(err)
	}
	tr.Finish(rep)
	if loss := src.Loss(); loss != "" {
		t.Fatal(loss)
	}
	rep.Normalize()
	return tr, rep
}

// Describe is a finding's identity for comparisons: rule, certainty, severity and
// kinds of resources, then for each role of its places the functions of user code
// without their package.
func Describe(f *finding.Finding) string {
	text := fmt.Sprintf("%s %s %s", f.Rule, f.Certainty, f.Severity)
	for _, r := range f.Resources {
		text += " " + string(r.Kind)
	}
	roles := make(map[string][]string)
	for _, p := range f.Places {
		short := p.Stack.User().ShortFunc()
		_, name, _ := strings.Cut(short, ".")
		roles[p.Role] = append(roles[p.Role], name)
	}
	for _, role := range slices.Sorted(maps.Keys(roles)) {
		slices.Sort(roles[role])
		text += fmt.Sprintf("; %s %s", role, strings.Join(slices.Compact(roles[role]), " "))
	}
	return text
}

// attempts is how often a program runs before its findings count as wrong. What a
// program does in a run depends on the machine: where others have the cores, a wait
// that is short is long, and what runs looks as if it computed. That comes and goes;
// a wrong judgement stays.
const attempts = 4

// Settle runs the program until the passes find what is wanted, and fails if they do
// not in several runs.
func Settle(t *testing.T, p Program, want []string, passes ...func(*replay.Trace) replay.Pass) {
	t.Helper()
	for range attempts - 1 {
		if got, sorted := describe(Analyze(t, p, passes...), want); slices.Equal(got, sorted) {
			return
		}
	}
	Expect(t, Analyze(t, p, passes...), want...)
}

// describe returns both sides in order.
func describe(found []finding.Finding, want []string) (got, sorted []string) {
	got = make([]string, len(found))
	for i := range found {
		got[i] = Describe(&found[i])
	}
	slices.Sort(got)
	return got, slices.Sorted(slices.Values(want))
}

// Expect compares the findings with descriptions, in any order, and prints the
// findings in full where they differ.
func Expect(t *testing.T, found []finding.Finding, want ...string) {
	t.Helper()
	got, want := describe(found, want)
	if slices.Equal(got, want) {
		return
	}
	var b strings.Builder
	for i := range found {
		if err := (finding.Printer{}).Print(&b, &found[i]); err != nil {
			t.Error(err)
		}
	}
	t.Errorf("found\n\t%s\nwant\n\t%s\n%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"), b.String())
}
