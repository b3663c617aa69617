package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/demo"
)

// How long a program may hang before the comparison ends it: go-deadlock needs its
// default time-out of 30 s to speak, the others have nothing to wait for.
const (
	hangLimit     = 3 * time.Second
	hangLimitPeer = 33 * time.Second
)

// underLocks runs a demo with a kind of mutex other than the agent's and says what
// that reported. Nothing is expected, so nothing is judged.
func (v demoView) underLocks(ctx context.Context, d *demo.Demo, fixed bool) error {
	v.introduce(d)
	variants := []string{""}
	if fixed {
		variants = nil
		for _, twin := range d.Twins {
			variants = append(variants, twin.Name)
		}
	}
	for _, variant := range variants {
		run, err := v.runUnder(ctx, d, variant)
		if err != nil {
			return err
		}
		fmt.Fprintf(v.out, "\nwith %s's mutex, %s %s\n", run.Locks, who(run), ending(run))
		for _, p := range run.Peer {
			d, since := run.Since(p.At)
			fmt.Fprintf(v.out, "%s reported, %s after %s:\n  %s\n", run.Locks, finding.FormatDuration(d), since,
				strings.ReplaceAll(p.Text, "\n", "\n  "))
		}
		if len(run.Peer) == 0 {
			fmt.Fprintf(v.out, "%s reported nothing\n", run.Locks)
		}
	}
	return nil
}

func who(run *demo.Run) string {
	if run.Variant == "" {
		return "the disease"
	}
	return "the healthy twin " + run.Variant
}

// runUnder runs a variant of the demo with the driver's kind of mutex, which decides for how
// long the program may hang.
func (v demoView) runUnder(ctx context.Context, d *demo.Demo, variant string) (*demo.Run, error) {
	driver := v.driver
	if driver.Limit = hangLimit; driver.Locks == demo.GoDeadlock {
		driver.Limit = hangLimitPeer
	}
	return driver.Run(ctx, d, variant)
}

// compareLocks runs demos with kinds of mutex and prints a line for each pair.
func (v demoView) compareLocks(ctx context.Context, demos []*demo.Demo, kinds []demo.Locks) error {
	const format = "%-23s %-12s %-26s %s\n"
	if slices.Contains(kinds, demo.GoDeadlock) {
		fmt.Fprint(v.out, "go-deadlock reports a wait after its default of 30 s: a hang takes that long to show.\n\n")
	}
	fmt.Fprintf(v.out, format, "disease", "mutex", "the program", "what was reported, when")
	hung := false
	for _, d := range demos {
		for _, kind := range kinds {
			v.driver.Locks = kind
			run, err := v.runUnder(ctx, d, "")
			if err != nil {
				return err
			}
			fmt.Fprintf(v.out, format, d.Name, kind, shortEnding(run), reported(run))
			hung = hung || kind == demo.Sync && !run.Ended
		}
	}
	if hung {
		fmt.Fprint(v.out, `
Nothing reports a hang under sync's mutex: Go's own check ("all goroutines are
asleep") reports only if nothing else in the process is alive, and in a server
something always is.
`)
	}
	return nil
}

func shortEnding(run *demo.Run) string {
	if run.Ended {
		return "ended"
	}
	return "hung, ended after " + finding.FormatDuration(run.Wall)
}

// reported says what the demo is about if that was found, and else the first thing
// that was reported.
func reported(run *demo.Run) string {
	if s := (demo.Row{Demo: run.Demo, Sick: run}).Detected(); s != nil {
		return fmt.Sprintf("%s (%s)%s", s.Finding.Rule, s.Finding.Certainty, after(run, s))
	}
	for _, s := range run.Sightings {
		if s.By == demo.ByAgent {
			return fmt.Sprintf("%s (%s)%s", s.Finding.Rule, s.Finding.Certainty, after(run, &s))
		}
	}
	for _, p := range run.Peer {
		d, since := run.Since(p.At)
		return fmt.Sprintf("%s, %s after %s", headline(p.Text), finding.FormatDuration(d), since)
	}
	return "nothing"
}

// headline is the first sentence of go-deadlock's report.
func headline(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	first, _, _ = strings.Cut(first, ". ")
	return strings.TrimSuffix(first, ":")
}
