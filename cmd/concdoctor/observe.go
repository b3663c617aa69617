package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
	"github.com/concdoctor/concdoctor/internal/scratch"
	"github.com/concdoctor/concdoctor/internal/untrusted"
	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

// observation is the flags of the commands that run a program under zero touch.
type observation struct {
	command string   // "test" or "run"
	args    []string // of the go command
	keep    string
	races   bool
	known   *known
	hunting *hunting
	limits  *limits
	output  *output
}

func newObservation(flags *pflag.FlagSet, command string) *observation {
	o := &observation{command: command}
	o.output = newOutputTo(flags, "report", "")
	o.known = newKnown(flags)
	o.hunting = newHunting(flags)
	o.limits = newLimits(flags)
	racesFlag(flags, &o.races)
	flags.StringVar(&o.keep, "keep", "", "keep the recordings in this `directory`, which is created; concdoctor analyze reads them")
	return o
}

// run runs the go command and then reports what its programs recorded.
func (o *observation) run(ctx context.Context, std *streams, args []string) error {
	if err := errors.Join(o.known.check(o.command), o.hunting.check(o.command), o.output.check(&streams{out: std.err})); err != nil {
		return err
	}
	o.args = args
	g, err := newGoCall(ctx, std, append([]string{o.command}, args...))
	if err != nil {
		return err
	}
	if g.command.RunsPrograms() && !inject.Available(g.settings.GOOS, g.settings.GOARCH) {
		return fmt.Errorf("programs for %s/%s cannot record yet; concdoctor doctor shows what works", g.settings.GOOS, g.settings.GOARCH)
	}
	if o.races {
		if err := g.watchAccesses(o.command); err != nil {
			return err
		}
	}
	tapes, done, err := o.tapes()
	if err != nil {
		return err
	}
	observe := o.watch
	if o.hunting.isAsked() && g.command.RunsPrograms() {
		observe = o.hunt
	}
	seen, err := observe(ctx, g, tapes)
	if err == nil {
		err = o.conclude(g, seen)
	}
	if cleaned := done(); cleaned != nil {
		std.say("%v", cleaned)
	}
	return err
}

// observed is what came of a call of the go command.
type observed struct {
	out gocmd.Outcome
	rep *finding.Report
	// failed is what went wrong with the recordings.
	failed error
}

// watch runs the go command and follows what its programs record.
func (o *observation) watch(ctx context.Context, g *goCall, tapes string) (seen observed, err error) {
	// A report is wanted also where an interrupt ended the program.
	watch := verdict.Watch(context.WithoutCancel(ctx), tapes, verdict.Options{
		Suppress: o.known.suppress, SuppressFiles: o.known.suppressFiles(),
		Version: version(), OnHang: printHang(g.std), Limits: o.limits.of(), OnLong: printHang(g.std),
	})
	seen.out, err = g.run(tapes, nil)
	seen.rep, seen.failed = watch.Finish()
	return seen, err
}

// printHang prints a line for goroutines that hang while the program still runs: the user
// can interrupt it then, and finds the details in the report. A remark can wait for that.
func printHang(std *streams) func(string, finding.Finding) {
	return func(program string, f finding.Finding) {
		if f.Severity < finding.Warning {
			return
		}
		line := strings.Join(strings.Fields(f.Headline()), " ")
		if tests := testsOf(&f); len(tests) > 0 {
			line += " (" + untrusted.Line(strings.Join(tests, ", ")) + ")"
		}
		std.say("%s: %s", untrusted.Line(program), line)
	}
}

// testsOf names the tests of the goroutines that a finding shows, each once.
func testsOf(f *finding.Finding) (names []string) {
	for _, g := range f.Goroutines {
		if g.Test != "" && !slices.Contains(names, g.Test) {
			names = append(names, g.Test)
		}
	}
	return names
}

// conclude writes the report and decides on the exit status.
func (o *observation) conclude(g *goCall, seen observed) error {
	out, rep := seen.out, seen.rep
	if out.Status == 0 {
		dropIdle(rep)
	}
	failed := errors.Join(seen.failed, o.known.addToBaseline(rep))
	var written error
	if len(rep.Inputs) > 0 {
		written = o.write(g.std, rep)
	}
	if !errors.Is(written, errFindings) {
		failed = errors.Join(failed, written)
	}
	if out.Status == 0 {
		failed = errors.Join(failed, g.proof(out, len(rep.Inputs)))
	}
	switch {
	case out.Status != 0:
		if failed != nil {
			exitStatus(g.std, failed) // printed; the status is the program's own
		}
		return programStatus(out.Status)
	case failed != nil:
		return failed
	}
	return written
}

// dropIdle leaves out processes that were ended while their goroutines had nothing to do:
// where all went well, a test has stopped a server that it had started.
func dropIdle(rep *finding.Report) {
	n := len(rep.Blocked)
	rep.Blocked = slices.DeleteFunc(rep.Blocked, func(p finding.BlockedProcess) bool { return p.IsIdle() })
	if len(rep.Blocked) < n {
		rep.Summary.Verdict = analyzer.Verdict(rep)
	}
}

// write writes the report to standard error, or to its file and a line about it there.
func (o *observation) write(std *streams, rep *finding.Report) error {
	toFile := o.output.file != "" && o.output.file != "-"
	switch {
	case toFile:
		std.say("%s; the report is in %s", tally(rep), untrusted.Line(o.output.file))
	case o.output.format.value == "text" && len(rep.Findings)+len(rep.Blocked)+len(rep.Warnings) == 0:
		std.say("%s", tally(rep))
		return nil
	}
	return o.output.write(&streams{in: std.in, out: std.err, err: std.err, getenv: std.getenv}, rep)
}

// tally sums the report up in one line.
func tally(rep *finding.Report) string {
	processes := finding.Plural(len(rep.Inputs), "process")
	switch {
	case len(rep.Findings) > 0:
	case len(rep.Blocked) > 0:
		return rep.Summary.Verdict
	default:
		return "nothing found in " + processes
	}
	var parts []string
	for _, s := range []finding.Severity{finding.Error, finding.Warning, finding.Info} {
		n := rep.CountAtOrAbove(s)
		if s < finding.Error {
			n -= rep.CountAtOrAbove(s + 1)
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d at %s", n, s))
		}
	}
	return fmt.Sprintf("%s in %s (%s)", finding.Plural(len(rep.Findings), "finding"), processes, strings.Join(parts, ", "))
}

// tapes returns where the programs record, and what to do with it at the end.
func (o *observation) tapes() (dir string, done func() error, err error) {
	if o.keep == "" {
		made, err := scratch.MakeForTapes()
		if err != nil {
			return "", nil, err
		}
		return made.Path, made.Remove, nil
	}
	if dir, err = filepath.Abs(o.keep); err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", nil, err
	}
	switch entries, err := os.ReadDir(dir); {
	case err != nil:
		return "", nil, err
	case len(entries) > 0:
		return "", nil, usagef(o.command, "--keep: %s is not empty: its files would become part of the report", o.keep)
	}
	return dir, func() error { return nil }, nil
}

// goCall is one call of the go command.
type goCall struct {
	std      *streams
	command  *gocmd.Command
	settings *gocmd.Settings
	program  string
	races    bool
}

// newGoCall reads the go command's name and arguments and asks it what it will use.
func newGoCall(ctx context.Context, std *streams, args []string) (*goCall, error) {
	command, err := gocmd.Parse(args[0], args[1:])
	if err != nil {
		return nil, usagef(args[0], "%v", err)
	}
	program, err := self()
	if err != nil {
		return nil, err
	}
	settings, err := gocmd.ReadSettings(ctx, command.Dir, nil)
	var exit *gocmd.ExitError
	switch {
	case errors.As(err, &exit): // of go.mod, or of a toolchain that cannot be had
		fmt.Fprint(std.err, untrusted.Text(string(exit.Stderr)))
		return nil, programStatus(exit.Status)
	case err != nil:
		return nil, err
	}
	if err := patch.CheckVersion(settings.GOVERSION); err != nil {
		return nil, err
	}
	return &goCall{std: std, command: command, settings: settings, program: program}, nil
}

// run runs the go command, in the environment of this process if env is nil.
func (g *goCall) run(tapes string, env []string) (gocmd.Outcome, error) {
	return g.command.Run(gocmd.Options{
		Program: g.program, Tapes: tapes, Races: g.races, Settings: g.settings, Env: env,
		Stdin: g.std.in, Stdout: g.std.out, Stderr: g.std.err,
	})
}

// proof returns an error where a command succeeded whose programs were not observed.
func (g *goCall) proof(out gocmd.Outcome, records int) error {
	switch {
	case g.command.Has("n"):
		return nil
	case out.Marks.Asked == 0 && records == 0:
		return fmt.Errorf("nothing was observed: the go command did not call concdoctor through -toolexec; is %s the go command itself?", whichGo())
	case !g.command.RunsPrograms(), records > 0:
		return nil
	case g.command.Name == "test" && out.Marks.Linked == 0:
		return nil // there are no tests
	}
	return fmt.Errorf("nothing was observed: no program wrote a recording into the directory that %s names. "+
		"Does it run in another environment or on another machine (-exec)?", gocmd.TapeDir)
}

func whichGo() string {
	path, err := exec.LookPath("go")
	if err != nil {
		return "go"
	}
	return path
}

// self returns the path of this program under the name by which it was called: the target
// of a link may have another name.
func self() (string, error) {
	executable, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding concdoctor itself: %w", err)
	}
	called, err := exec.LookPath(os.Args[0])
	if err == nil {
		called, err = filepath.Abs(called)
	}
	if err != nil || !sameFile(called, executable) {
		return executable, nil
	}
	return called, nil
}

func sameFile(a, b string) bool {
	first, errA := os.Stat(a)
	second, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(first, second)
}
