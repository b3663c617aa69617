package main

import (
	"fmt"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo"
)

// compared is one measure of a disease and its twins, in that order.
type compared struct {
	name   string
	values []string
}

// differs reports whether the values are worth showing beside each other.
func (c compared) differs() bool {
	return slices.ContainsFunc(c.values, func(v string) bool { return v != c.values[0] })
}

// comparison returns what was measured of all runs of a row: the programs' own
// measures, then the figures of the traces, where there are any.
func comparison(row demo.Row) []compared {
	runs := append([]*demo.Run{row.Sick}, row.Twins...)
	var lines []compared
	add := func(name string, value func(*demo.Run) string) {
		c := compared{name: name}
		for _, r := range runs {
			c.values = append(c.values, value(r))
		}
		lines = append(lines, c)
	}
	for _, m := range row.Sick.Measures {
		add(m.Name, func(r *demo.Run) string {
			same, ok := r.Measure(m.Name)
			if !ok {
				return "-"
			}
			return same.Text()
		})
	}
	if row.Demo.UsesLocks || row.Sick.Schedule == nil {
		return lines // those programs are over in an instant: the figures say nothing
	}
	add("concurrency", func(r *demo.Run) string {
		return level(r, func(s *finding.Schedule) finding.Level { return s.Concurrency })
	})
	add("parallelism", func(r *demo.Run) string {
		return level(r, func(s *finding.Schedule) finding.Level { return s.Parallelism })
	})
	return lines
}

func level(r *demo.Run, of func(*finding.Schedule) finding.Level) string {
	if r.Schedule == nil {
		return "-"
	}
	mean := of(r.Schedule).Mean
	if mean < 0.1 {
		return fmt.Sprintf("%.4f", mean) // next to nothing is not nothing
	}
	return fmt.Sprintf("%.2f", mean)
}

// comparison prints a table with a column for each run.
func (v demoView) comparison(row demo.Row) {
	out := v.out
	lines := comparison(row)
	if len(lines) == 0 {
		return
	}
	fmt.Fprintln(out)
	const format = "  %-24s %16s"
	fmt.Fprintf(out, format, "measured", "disease")
	for _, t := range row.Twins {
		fmt.Fprintf(out, " %20s", t.Variant)
	}
	fmt.Fprintln(out)
	for _, line := range lines {
		fmt.Fprintf(out, format, line.name, line.values[0])
		for _, v := range line.values[1:] {
			fmt.Fprintf(out, " %20s", v)
		}
		fmt.Fprintln(out)
	}
	if row.Sick.Schedule != nil && !row.Demo.UsesLocks {
		fmt.Fprintf(out, "  (concurrency: goroutines in flight; parallelism: goroutines running, of %d; means over the trace)\n", row.Sick.Schedule.MaxProcs)
	}
}
