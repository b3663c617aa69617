package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer"
)

func renderCommand() *command {
	return &command{
		name:  "render",
		args:  "REPORT.json",
		short: "write a saved report again, in any format",
		long: `Render reads a report that analyze --format json saved and writes it again, in any
format. It also reads what an agent wrote with CONCDOCTOR="format=json output=FILE",
one finding a line. The exit status is that of the analysis, by --fail-on. The name -
reads standard input.

  concdoctor analyze --format json -o report.json trace.out
  concdoctor render --format html -o report.html report.json`,
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
		rep, err := readAny(stdin)
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
	rep, err := readAny(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; save one with: concdoctor analyze --format json -o %s FILE", name, err, name)
	}
	return rep, nil
}

// readAny reads a report, or findings line by line as an agent writes them.
func readAny(rd io.Reader) (*finding.Report, error) {
	data, err := io.ReadAll(rd)
	if err != nil {
		return nil, fmt.Errorf("reading report: %w", err)
	}
	var first struct {
		Schema int
		Rule   string
	}
	// An error is told by the reader below, which knows where.
	_ = json.NewDecoder(bytes.NewReader(data)).Decode(&first)
	if first.Schema == 0 && first.Rule != "" {
		rep, err := finding.ReadLines(bytes.NewReader(data))
		if err == nil {
			rep.Summary.Verdict = analyzer.Verdict(rep)
		}
		return rep, err
	}
	return finding.Read(bytes.NewReader(data))
}
