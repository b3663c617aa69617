package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

func diffCommand() *command {
	return &command{
		name:  "diff",
		args:  "OLD.json NEW.json",
		short: "compare two saved reports: new, gone, worse and better findings",
		long: `Diff compares two reports that were saved with --format json by the fingerprints of their
findings. A finding is worse or better if its severity changed, or if the goroutine time
that it costs, relative to the time observed, or its number of goroutines changed by a
quarter.

The exit status is 3 if a finding at or above --fail-on is new or worse. --format json
writes the new report with the change of each finding and with the findings that are gone.

  concdoctor analyze --format json -o old.json old.trace
  concdoctor analyze --format json -o new.json new.trace
  concdoctor diff old.json new.json`,
		setup: func(flags *pflag.FlagSet) action {
			d := diff{memory: newMaxMemory(flags), format: newChoice(flags, "format", "how to write the differences", "text", "json")}
			d.failOn = newChoice(flags, "fail-on", "exit with status 3 if a finding of at least this severity is new or worse", "error", "warning", "info")
			flags.BoolVar(&d.all, "all", false, "list findings that are the same, too")
			return d.run
		},
	}
}

// diff is the flags of the command.
type diff struct {
	format, failOn *choice
	all            bool
	memory         *maxMemory
}

func (d *diff) run(ctx context.Context, std *streams, args []string) error {
	if len(args) != 2 {
		return usagef("diff", "want two reports, got %d", len(args))
	}
	if args[0] == "-" && args[1] == "-" {
		return usagef("diff", "only one of the two reports can be standard input")
	}
	defer d.memory.watch(std)()
	opts := d.memory.input(std)
	old, err := readReport(ctx, args[0], opts)
	if err != nil {
		return err
	}
	now, err := readReport(ctx, args[1], opts)
	if err != nil {
		return err
	}
	for _, rep := range [...]*finding.Report{old, now} {
		for _, w := range rep.Warnings {
			if w.Text == emptyWarning { // differences do not show warnings
				std.say("%s: %s", untrusted.Line(w.Input), w.Text)
			}
		}
	}
	old.Normalize()
	now.Normalize()
	now.CompareWith(old)
	if d.format.value == "json" {
		err = now.Write(std.out)
	} else {
		err = d.write(std.out, now)
	}
	if err != nil {
		return err
	}
	return d.judge(now)
}

// judge returns errFindings if something bad enough is new or worse.
func (d *diff) judge(now *finding.Report) error {
	var least finding.Severity
	if err := least.UnmarshalText([]byte(d.failOn.value)); err != nil {
		panic("concdoctor: --fail-on allows a word that is no severity: " + err.Error())
	}
	for i := range now.Findings {
		f := &now.Findings[i]
		if f.Severity >= least && (f.Change == finding.New || f.Change == finding.Worse) {
			return errFindings
		}
	}
	return nil
}

func (d *diff) write(w io.Writer, now *finding.Report) error {
	var b strings.Builder
	counts := make(map[string]int)
	line := func(change string, f *finding.Finding) {
		if counts[change]++; change != string(finding.Same) || d.all {
			fmt.Fprintf(&b, "%-6s  %-7s  %s\n", change, f.Severity, untrusted.Line(f.Headline()))
		}
	}
	for _, change := range []finding.Change{finding.New, finding.Worse, finding.Better, finding.Same} {
		for i := range now.Findings {
			if f := &now.Findings[i]; f.Change == change {
				line(string(change), f)
			}
		}
	}
	for i := range now.Gone {
		line("gone", &now.Gone[i])
	}
	var sums []string
	for _, change := range []string{"new", "worse", "better", "gone", "same"} {
		if counts[change] > 0 {
			sums = append(sums, fmt.Sprintf("%d %s", counts[change], change))
		}
	}
	if len(sums) == 0 {
		sums = []string{"no findings in either report"}
	}
	_, err := fmt.Fprintf(w, "%s\n%s", strings.Join(sums, ", "), b.String())
	return err
}
