package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

func analyzeCommand() *command {
	return &command{
		name:  "analyze",
		args:  "FILE...",
		short: "find what is wrong in traces, profiles, dumps and logs",
		long: `Analyze reads any number of files and writes one report. A file is recognised by its
content: Go execution traces; mutex, block, goroutine and goroutineleak profiles, as
protobuf or as text; goroutine dumps (debug=2, SIGQUIT, panics) and reports of the race
detector or of go-deadlock anywhere in a log, also of go test -json.
Any of them may be compressed with gzip. The name - reads standard input.

A file that cannot be read does not stop the others; the exit status is then 1.

  go test -trace=trace.out -mutexprofile=mutex.out ./store
  concdoctor analyze trace.out mutex.out

  curl -o now.pb.gz 'http://localhost:6060/debug/pprof/mutex?seconds=30'
  concdoctor analyze --base before.pb.gz now.pb.gz

  go test -race ./... 2>&1 | concdoctor analyze -

Files for --suppress-file and --baseline have a pattern a line, RULE, RULE:FUNC, *:FUNC or
a fingerprint, with the reason after it. A comment //concdoctor:ignore RULE REASON at a
line at fault does the same, where the source is on this machine.

  concdoctor analyze --baseline known.txt --write-baseline known.txt trace.out`,
		setup: func(flags *pflag.FlagSet) action {
			var a analyze
			flags.StringArrayVar(&a.base, "base", nil, "compare profiles of the same kind with this earlier `file`; may be repeated")
			flags.StringArrayVar(&a.regions, "region", nil, "tell the critical path of the trace's regions and tasks with this `NAME`; may be repeated")
			flags.StringArrayVar(&a.suppress, "suppress", nil, "do not report this `RULE[:FUNC]`; may be repeated")
			flags.StringArrayVar(&a.files, "suppress-file", nil, "do not report what this `file` of patterns names; may be repeated")
			flags.StringVar(&a.baseline, "baseline", "", "do not report the findings that this `file` says were known")
			flags.StringVar(&a.writeBaseline, "write-baseline", "", "add what is reported to this `file` of known findings")
			a.output = newOutput(flags)
			return a.run
		},
	}
}

// analyze is the flags of the command.
type analyze struct {
	base, suppress, regions []string

	files         []string // of suppressions
	baseline      string
	writeBaseline string

	output *output
}

// gcPercent lets garbage grow to four times what is live: reading makes much of it
// while little lives, some ten megabytes for a trace of 100 MB, and both processors
// have better to do than to collect it twice as often.
const gcPercent = 400

func (a *analyze) run(ctx context.Context, std *streams, files []string) error {
	if len(files) == 0 {
		return usagef("analyze", "no file given")
	}
	for _, s := range a.suppress {
		if err := analyzer.CheckSuppress(s); err != nil {
			return usagef("analyze", "%v", err)
		}
	}
	if err := a.output.check(std); err != nil {
		return err
	}
	debug.SetGCPercent(gcPercent)
	p := newProgress(std.err)
	rep, err := analyzer.Analyze(ctx, files, analyzer.Options{
		Base:          a.base,
		Suppress:      a.suppress,
		SuppressFiles: a.suppressFiles(),
		Regions:       a.regions,
		Stdin:         std.in,
		Progress:      p.update,
		Version:       version(),
	})
	p.clear()
	if len(rep.Inputs) == 0 && err != nil {
		return err // a report on nothing would bury the reason
	}
	err = errors.Join(err, a.addToBaseline(rep))
	written := a.output.write(std, rep)
	if err != nil {
		if written == errFindings {
			written = nil // told by the report; the status tells the failure
		}
		return errors.Join(err, written)
	}
	return written
}

// suppressFiles are the files of suppressions with the baseline, unless that is the
// one to be written and is not there yet.
func (a *analyze) suppressFiles() []string {
	if a.baseline == "" {
		return a.files
	}
	if _, err := os.Stat(a.baseline); a.baseline == a.writeBaseline && errors.Is(err, fs.ErrNotExist) {
		return a.files
	}
	return append(a.files, a.baseline)
}

func (a *analyze) addToBaseline(rep *finding.Report) error {
	if a.writeBaseline == "" {
		return nil
	}
	file, err := os.OpenFile(a.writeBaseline, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("writing baseline: %w", err)
	}
	return errors.Join(finding.WriteBaseline(file, time.Now(), rep.Findings...), file.Close())
}
