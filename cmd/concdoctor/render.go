package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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
one finding a line; an empty file is that of an agent that found nothing. The exit
status is that of the analysis, by --fail-on. The name - reads standard input.

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

// errEmpty says that there was nothing to read.
var errEmpty = errors.New("the input is empty")

const emptyWarning = "the file is empty: an agent with format=json leaves it so if it finds nothing, but so does a program that could not write it; " +
	"a report saved with analyze --format json is never empty"

// readReport reads the file, or stdin for "-". The agent makes its file when it starts
// and writes a line for each finding, so that an empty file is a good run as a rule; it
// gets a warning, for the case that it is not. An empty pipe is that of a command that
// failed.
func readReport(name string, stdin io.Reader) (*finding.Report, error) {
	if name == "-" {
		rep, err := readAny(stdin)
		if errors.Is(err, errEmpty) {
			err = fmt.Errorf("%w; see why the command before it wrote nothing", err)
		}
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
	if errors.Is(err, errEmpty) {
		return emptyReport(name), nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; save one with: concdoctor analyze --format json -o %s FILE", name, err, name)
	}
	return rep, nil
}

// emptyReport is what an agent says that found nothing.
func emptyReport(name string) *finding.Report {
	rep := finding.NewReport(finding.Tool{Name: "concdoctor", Version: version()})
	rep.Warn(name, "%s", emptyWarning)
	rep.Summary.Verdict = "nothing found"
	return rep
}

// readAny reads a report, or findings line by line as an agent writes them.
func readAny(rd io.Reader) (*finding.Report, error) {
	data, err := io.ReadAll(rd)
	if err != nil {
		return nil, fmt.Errorf("reading report: %w", err)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("reading report: %w", errEmpty)
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
