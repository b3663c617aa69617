package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo"
)

// demoView shows single demos.
type demoView struct {
	out     io.Writer
	printer finding.Printer
	driver  demo.Driver
}

// both runs the disease and its twins, and reports whether all is as expected.
func (v demoView) both(ctx context.Context, d *demo.Demo) bool {
	v.introduce(d)
	row := v.driver.Row(ctx, d)
	if row.Sick != nil {
		v.sick(row)
	}
	for _, t := range row.Twins {
		if t != nil {
			v.twin(t)
		}
	}
	if row.Err == nil {
		v.comparison(row)
	}
	return v.conclude(row)
}

// fixed runs the twins alone.
func (v demoView) fixed(ctx context.Context, d *demo.Demo) bool {
	v.introduce(d)
	row := demo.Row{Demo: d}
	for _, twin := range d.Twins {
		run, err := v.driver.Run(ctx, d, twin.Name)
		if err != nil {
			row.Err = err
			break
		}
		row.Twins = append(row.Twins, run)
		v.twin(run)
	}
	return v.conclude(row)
}

func (v demoView) introduce(d *demo.Demo) {
	e := d.Expect
	fmt.Fprintf(v.out, "%s: %s\n\n  %s\n\n  read it:  %s\n  expected: %s (%s), by %s; every twin silent\n", d.Name, d.Title,
		strings.ReplaceAll(d.Story, "\n", "\n  "), d.Source, e.Rule, e.Certainty, e.By)
}

func (v demoView) sick(row demo.Row) {
	run := row.Sick
	fmt.Fprintf(v.out, "\nthe disease %s\n", ending(run))
	main := row.Detected()
	if main != nil {
		fmt.Fprintf(v.out, "detected by %s%s%s\n\n", main.By, after(run, main), agreeing(main))
		v.print(&main.Finding)
	}
	for i := range run.Sightings {
		if s := &run.Sightings[i]; s != main {
			fmt.Fprintf(v.out, "also, by %s: %s\n", s.By, s.Finding.Headline())
		}
	}
	v.crash(run)
}

func (v demoView) twin(run *demo.Run) {
	fmt.Fprintf(v.out, "\n%s %s", who(run), ending(run))
	loud := run.Loud()
	if len(loud) == 0 {
		fmt.Fprint(v.out, "; silent")
	}
	fmt.Fprintln(v.out)
	for i := range loud {
		fmt.Fprintf(v.out, "found by %s\n\n", loud[i].By)
		v.print(&loud[i].Finding)
	}
	for _, s := range run.Sightings {
		if !slices.ContainsFunc(loud, func(l demo.Sighting) bool { return l.Finding.Fingerprint == s.Finding.Fingerprint }) {
			fmt.Fprintf(v.out, "for information, by %s: %s\n", s.By, s.Finding.Headline())
		}
	}
	v.crash(run)
}

// conclude says whether the row is as expected. A demo that was asked for by name
// and cannot be run is not.
func (v demoView) conclude(row demo.Row) bool {
	if reason, ok := row.NotRun(); ok {
		fmt.Fprintf(v.out, "\nNOT RUN: %v\n", reason)
		return false
	}
	problems := row.Problems()
	if len(problems) == 0 {
		fmt.Fprintln(v.out, "\nas expected")
		return true
	}
	fmt.Fprintln(v.out, "\nNOT AS IT SHOULD BE")
	for _, p := range problems {
		fmt.Fprintf(v.out, "  %s\n", strings.ReplaceAll(p, "\n", "\n  "))
	}
	return false
}

func (v demoView) print(f *finding.Finding) {
	// A write error shows again at the next write to the same stream.
	_ = v.printer.Print(v.out, f)
	fmt.Fprintln(v.out)
}

// crash shows what a program wrote that did not end well.
func (v demoView) crash(run *demo.Run) {
	if !run.Ended && run.Stderr != "" {
		fmt.Fprintf(v.out, "it wrote:\n  %s\n", strings.ReplaceAll(strings.TrimSpace(run.Stderr), "\n", "\n  "))
	}
}

// ending says how a run ended.
func ending(run *demo.Run) string {
	wall := finding.FormatDuration(run.Wall)
	if run.Ended {
		return "ended by itself after " + wall
	}
	return "did not end; it was ended from outside after " + wall
}

// agreeing names what else says the same.
func agreeing(s *demo.Sighting) string {
	var names []string
	for _, m := range s.Also {
		names = append(names, string(m))
	}
	if names == nil {
		return ""
	}
	return "; " + strings.Join(names, " and ") + " agree"
}

// after says when the agent spoke, counted from the last thing of note before.
func after(run *demo.Run, s *demo.Sighting) string {
	if s.At == 0 {
		return ""
	}
	d, since := run.Since(s.At)
	return fmt.Sprintf(", %s after %s", finding.FormatDuration(d), since)
}
