package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo"
)

// rowFormat fits the longest name, rule with certainty, and means.
const rowFormat = "%-23s %-32s %-18s %s"

// table runs every demo briefly and prints a line for each as it is done. It
// reports whether every row that this machine can run is as expected.
func (v demoView) table(ctx context.Context) bool {
	begin := time.Now()
	fmt.Fprintf(v.out, rowFormat+"\n", "disease", "detected", "by what", "healthy twin silent")
	var rows []demo.Row
	all := demo.Catalogue()
	for _, d := range all {
		if ctx.Err() != nil {
			fmt.Fprintf(v.out, "interrupted after %d of %d rows\n", len(rows), len(all))
			return false
		}
		row := v.driver.Row(ctx, d)
		fmt.Fprintln(v.out, rowLine(row))
		rows = append(rows, row)
	}
	bad, notRun := printProblems(v.out, rows)
	printMeasured(v.out, rows)
	fmt.Fprintf(v.out, `
%s The whole took %s.
Every program ran in a process of its own with GOMAXPROCS=%d, gather at a tenth
of its full length. A twin is silent if no rule at all gives a finding of
severity warning or above; only the contention rules do not judge the twin of
philosophers-deadlock: of a run of a millisecond every wait is a large share.
lost-update relies on Go's race detector for now ("go build -race" of the demo's
source, as go run -race does) and reads its log.
More about one: concdoctor demo NAME
`, score(len(all), bad, notRun), finding.FormatDuration(time.Since(begin)), demo.DefaultProcs)
	return bad == 0
}

// score counts the rows in words.
func score(all, bad, notRun int) string {
	text := fmt.Sprintf("%d of %d rows are as they should be", all-bad-notRun, all)
	if notRun > 0 {
		text += fmt.Sprintf(", and %d could not be run on this machine", notRun)
	}
	return text + "."
}

// rowLine says what was found, and marks a row that is not as expected.
func rowLine(row demo.Row) string {
	if _, ok := row.NotRun(); ok {
		return fmt.Sprintf(rowFormat, row.Demo.Name, "not run, see below", "-", "-")
	}
	detected, by := "nothing of the kind", "-"
	if s := row.Detected(); s != nil {
		detected, by = fmt.Sprintf("%s (%s)", s.Finding.Rule, s.Finding.Certainty), string(s.By)
	}
	silent := "no"
	if row.Silent() {
		silent = "yes"
	}
	line := fmt.Sprintf(rowFormat, row.Demo.Name, detected, by, silent)
	if len(row.Problems()) > 0 {
		line += "   <-- NOT AS IT SHOULD BE"
	}
	return line
}

// printProblems lists what is not as expected and what was not run, and counts the
// rows of each kind.
func printProblems(out io.Writer, rows []demo.Row) (bad, notRun int) {
	for _, row := range rows {
		if reason, ok := row.NotRun(); ok {
			notRun++
			fmt.Fprintf(out, "\n%s was not run: %v\n", row.Demo.Name, reason)
			continue
		}
		problems := row.Problems()
		if len(problems) > 0 {
			bad++
		}
		for _, p := range problems {
			fmt.Fprintf(out, "\n%s: %s\n", row.Demo.Name, strings.ReplaceAll(p, "\n", "\n  "))
		}
	}
	return bad, notRun
}

// printMeasured sets what the programs measured, and what their traces say of
// concurrency and parallelism, side by side.
func printMeasured(out io.Writer, rows []demo.Row) {
	fmt.Fprintln(out, "\nmeasured: disease -> healthy twin")
	for _, row := range rows {
		if row.Err != nil {
			continue
		}
		var parts []string
		for _, line := range comparison(row) {
			if line.differs() {
				parts = append(parts, line.name+" "+strings.Join(line.values, " -> "))
			}
		}
		if len(parts) > 0 {
			fmt.Fprintf(out, "  %-23s %s\n", row.Demo.Name, strings.Join(parts, "; "))
		}
	}
}
