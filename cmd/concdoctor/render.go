package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func renderCommand() *command {
	return &command{
		name:  "render",
		args:  "REPORT.json",
		short: "write a saved report again, in any format",
		long: `Render reads a report that analyze --format json saved and writes it again, in any
format. The exit status is that of the analysis, by --fail-on. The name - reads
standard input.

  concdoctor analyze --format json -o report.json trace.out
  concdoctor render report.json`,
		setup: func(flags *pflag.FlagSet) action {
			out := newOutput(flags)
			return func(_ context.Context, std *streams, args []string) error {
				if len(args) != 1 {
					return usagef("render", "want one report, got %d", len(args))
				}
				rep, err := readReport(args[0], std.in)
				if err != nil {
					return err
				}
				return out.write(std, rep)
			}
		},
	}
}

func readReport(name string, stdin io.Reader) (*finding.Report, error) {
	if name == "-" {
		rep, err := finding.Read(stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return rep, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading report: %w", err)
	}
	defer f.Close()
	rep, err := finding.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; save one with: concdoctor analyze --format json -o %s FILE", name, err, name)
	}
	return rep, nil
}
