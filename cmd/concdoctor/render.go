package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/saved"
)

func renderCommand() *command {
	return &command{
		name:  "render",
		args:  "REPORT.json",
		short: "write a saved report in any format",
		long: `Render reads a report that was saved with --format json and writes it in any format. It
also reads the findings that an agent wrote with CONCDOCTOR="format=json output=FILE",
one a line; the file is empty if the agent found nothing. The exit status is the one that
the analysis would have, by --fail-on. The name - reads standard input.

  concdoctor analyze --format json -o report.json trace.out
  concdoctor render --format html -o report.html report.json`,
		setup: func(flags *pflag.FlagSet) action {
			out := newOutput(flags)
			memory := newMaxMemory(flags)
			return func(ctx context.Context, std *streams, args []string) error {
				if len(args) != 1 {
					return usagef("render", "want one report, got %d", len(args))
				}
				defer memory.watch(std)()
				rep, err := readReport(ctx, args[0], memory.input(std))
				if err != nil {
					return err
				}
				return out.write(std, rep)
			}
		},
	}
}

const emptyWarning = "the file is empty: either an agent with format=json found nothing, or the program could not write it; " +
	"a report saved with analyze --format json is never empty"

// readReport reads the file, or stdin for "-". The agent creates its file when it starts
// and writes a line for each finding, so that an empty file usually means that it found
// nothing; the warning is for the other case. An empty pipe comes from a command that
// failed.
func readReport(ctx context.Context, name string, opts input.Options) (*finding.Report, error) {
	in, err := input.Open(ctx, name, opts)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	rep, err := readSaved(in)
	switch {
	case errors.Is(err, saved.ErrEmpty) && name != input.Stdin:
		return emptyReport(name), nil
	case errors.Is(err, saved.ErrEmpty):
		err = fmt.Errorf("%w; check why the command before the pipe wrote nothing", err)
	case err != nil && name != input.Stdin:
		err = fmt.Errorf("%w; save one with: concdoctor analyze --format json -o %s FILE", err, name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	return rep, nil
}

// emptyReport is the report of an agent that found nothing.
func emptyReport(name string) *finding.Report {
	rep := finding.NewReport(finding.Tool{Name: "concdoctor", Version: version()})
	rep.Warn(name, "%s", emptyWarning)
	rep.Summary.Verdict = "nothing found"
	return rep
}

// readSaved reads a report, or an agent's findings, which have no verdict yet.
func readSaved(in *input.Input) (*finding.Report, error) {
	rep, err := saved.Read(in)
	if err == nil && rep.Summary.Verdict == "" {
		rep.Summary.Verdict = analyzer.Verdict(rep)
	}
	return rep, err
}
