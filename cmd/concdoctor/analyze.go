package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/analyzer"
	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/zerotouch/verdict"
)

func analyzeCommand() *command {
	return &command{
		name:  "analyze",
		args:  "FILE...",
		short: "find concurrency defects in traces, profiles, dumps and logs",
		long: `Analyze reads any number of files and writes one report. A file is recognised by its
content, whatever its name:

` + listFormats() + `
Any of them may be compressed with gzip. The name - reads standard input; a name that
begins with http:// or https:// is fetched.

A file that cannot be read, or in part only, does not stop the others; the exit status is
then 1.

  go test -trace=trace.out -mutexprofile=mutex.out ./store
  concdoctor analyze trace.out mutex.out

  curl -o now.pb.gz 'http://localhost:6060/debug/pprof/mutex?seconds=30'
  concdoctor analyze --base before.pb.gz now.pb.gz
  concdoctor analyze 'http://localhost:6060/debug/pprof/trace?seconds=5'

With --base each finding is marked as new, worse, better or the same, and findings that
are gone are listed. The base is an earlier run: any input that analyze reads, or a saved
report.

Memory stays below --max-memory, by default 2 GB or half of what the machine or the
container has, whichever is less. Profiles, saved reports, and traces of Go 1.21 and older
are read as a whole: those that would not fit are refused. A trace or a log is read until
the memory is used up; the report says so, and the exit status is 1.

  go test -race ./... 2>&1 | concdoctor analyze -

Files for --suppress-file and --baseline have one pattern a line: RULE, RULE:FUNC, *:FUNC
or a fingerprint, with the reason after it. A comment //concdoctor:ignore RULE REASON at
the line at fault has the same effect where the source is on this machine.

  concdoctor analyze --baseline known.txt --write-baseline known.txt trace.out`,
		setup: func(flags *pflag.FlagSet) action {
			a := newAnalyze(flags)
			return a.run
		},
	}
}

// analyze is the flags of commands that analyze.
type analyze struct {
	base, regions []string

	timeout time.Duration
	memory  *maxMemory
	// names are names of files for the report; see analyzer.Options.
	names map[string]string

	known  *known
	output *output
}

func newAnalyze(flags *pflag.FlagSet) *analyze {
	a := new(analyze)
	flags.StringArrayVar(&a.base, "base", nil, "compare with this `file` of an earlier run, or saved report; may be repeated")
	flags.StringArrayVar(&a.regions, "region", nil, "report the critical path of the trace's regions and tasks of this `NAME`; may be repeated")
	a.known = newKnown(flags)
	flags.DurationVar(&a.timeout, "timeout", input.DefaultTimeout, "how long a server may take to answer in full, beyond the seconds that its URL asks for")
	a.memory = newMaxMemory(flags)
	a.output = newOutput(flags)
	return a
}

// gcPercent lets garbage grow to four times the live heap. Reading makes much garbage and
// keeps little, some ten megabytes for a trace of 100 MB; the default collects it twice
// as often.
const gcPercent = 400

func (a *analyze) run(ctx context.Context, std *streams, files []string) error {
	if len(files) == 0 {
		return usagef("analyze", "no file given")
	}
	if err := a.check("analyze", std); err != nil {
		return err
	}
	return a.analyze(ctx, std, files)
}

// check refuses meaningless flags before any work is done.
func (a *analyze) check(command string, std *streams) error {
	if err := a.known.check(command); err != nil {
		return err
	}
	if a.timeout <= 0 {
		return usagef(command, "--timeout: want a time above 0, got %v", a.timeout)
	}
	return a.output.check(std)
}

func (a *analyze) analyze(ctx context.Context, std *streams, files []string) error {
	debug.SetGCPercent(gcPercent)
	defer a.memory.watch(std)()
	p := newProgress(std.err)
	rep, err := analyzer.Analyze(ctx, files, analyzer.Options{
		Formats:       formats(),
		Base:          a.base,
		Suppress:      a.known.suppress,
		SuppressFiles: a.known.suppressFiles(),
		Regions:       a.regions,
		Stdin:         std.in,
		Timeout:       a.timeout,
		MaxMemory:     a.memory.bytes(),
		Names:         a.names,
		Progress:      p.update,
		Version:       version(),
	})
	p.clear()
	if len(rep.Inputs) == 0 && err != nil {
		return err // an empty report would hide the reason
	}
	err = errors.Join(err, a.known.addToBaseline(rep))
	written := a.output.write(std, rep)
	if err != nil {
		if written == errFindings {
			written = nil // the report shows the findings, the status the failure
		}
		return errors.Join(err, written)
	}
	return written
}

// formats are the rows that the analyzer does not have itself.
func formats() []analyzer.Format {
	return []analyzer.Format{verdict.Format(environmentLimits(os.Getenv("CONCDOCTOR")))}
}

// listFormats lists what can be analyzed, a line each.
func listFormats() string {
	var b strings.Builder
	for _, f := range analyzer.Formats(formats()...) {
		fmt.Fprintf(&b, "  %s\n", f.Help)
	}
	return b.String()
}
