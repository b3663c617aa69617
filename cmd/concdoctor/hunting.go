package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/hunt"
)

// huntCommand is what the go command starts in place of a program: it runs the program
// many times.
const huntCommandName = "__hunt"

func huntCommand() *command {
	return &command{
		name:   huntCommandName,
		hidden: true,
		setup: func(flags *pflag.FlagSet) action {
			flags.SetInterspersed(false)
			return func(ctx context.Context, std *streams, args []string) error {
				config, found, err := hunt.FromEnvironment()
				if err != nil || !found || len(args) == 0 {
					return errors.Join(err, fmt.Errorf("%s is for concdoctor test and run", huntCommandName))
				}
				status, err := hunt.Exec(ctx, config, hunt.Streams{In: std.in, Out: std.out, Err: std.err, Direct: isTerminal(std.err)}, args)
				if err != nil || status == 0 {
					return err
				}
				return programStatus(status)
			}
		},
	}
}

// hunting is the flags of a hunt for rare bugs.
type hunting struct {
	flags   *pflag.FlagSet
	runs    int
	time    time.Duration
	perturb string
	seed    uint64
	at      []string
	budget  time.Duration
	whole   bool
}

func newHunting(flags *pflag.FlagSet) *hunting {
	h := &hunting{flags: flags}
	flags.IntVar(&h.runs, "runs", 0, "run each program up to `N` times, with a perturbed schedule from the second on, until a run fails or a bug does harm")
	flags.DurationVar(&h.time, "time", 0, "like --runs, but run each program for this `long`")
	flags.StringVar(&h.perturb, "perturb", "", "how to perturb schedules: `STRATEGY`[,STRATEGY...] of random, priorities, directed, none, or all (the default of repeated runs); without --runs and --time it applies to the only run")
	flags.Uint64Var(&h.seed, "seed", 0, "seed of the first perturbed run; the default is chosen anew and printed at the end")
	flags.StringArrayVar(&h.at, "at", nil, "where directed runs delay goroutines: `FILE:LINE` as in a report (may be repeated); by default at places that earlier runs showed")
	flags.DurationVar(&h.budget, "budget", hunt.DefaultBudget, "the most that all delays of one perturbed run add up to")
	flags.BoolVar(&h.whole, "whole", false, "go on after a run that failed or in which a bug did harm")
	return h
}

// isAsked reports whether programs are to be perturbed or repeated.
func (h *hunting) isAsked() bool { return h.runs > 0 || h.time > 0 || h.perturb != "" }

func (h *hunting) check(command string) error {
	switch {
	case h.runs < 0 || h.time < 0 || h.budget < 0:
		return usagef(command, "--runs, --time and --budget cannot be negative")
	case !h.isAsked() && (h.flags.Changed("seed") || h.flags.Changed("budget") || h.whole || h.at != nil):
		return usagef(command, "--seed, --at, --budget and --whole apply to perturbed runs: give --perturb, --runs or --time")
	}
	for _, at := range h.at {
		if _, err := hunt.ParseSite(at); err != nil {
			return usagef(command, "--at: %v", err)
		}
	}
	if h.perturb == "" {
		return nil
	}
	if _, err := hunt.ParseStrategies(h.perturb); err != nil {
		return usagef(command, "--perturb: %v", err)
	}
	return nil
}

// config is the hunt in programs whose tapes go below dir. A test has the time limit.
func (h *hunting) config(dir, timeout string, o *observation) *hunt.Config {
	plan := hunt.Plan{Seed: h.seed, Budget: h.budget, Alone: h.runs == 0 && h.time == 0}
	if h.perturb != "" {
		plan.Strategies, _ = hunt.ParseStrategies(h.perturb) // checked before
	}
	for _, at := range h.at {
		site, _ := hunt.ParseSite(at) // checked before
		plan.Sites = append(plan.Sites, site)
	}
	return &hunt.Config{
		Runs: h.runs, Time: h.time, Whole: h.whole, Plan: plan, Dir: dir, Keep: o.keep != "", Timeout: timeout,
		Command:  hunt.Command{Name: "concdoctor " + o.command, Args: o.args},
		Suppress: o.known.suppress, SuppressFiles: o.known.suppressFiles(), Version: version(),
		Limits: o.limits.of(),
	}
}

// hunt runs the go command so that it starts hunts, and collects what they found; see
// watch.
func (o *observation) hunt(_ context.Context, g *goCall, dir string) (seen observed, err error) {
	h := o.hunting
	if !h.flags.Changed("seed") {
		h.seed = uint64(time.Now().UnixNano()) % 1_000_000
	}
	timeout, err := g.command.Through([]string{g.program, huntCommandName}, g.settings)
	if err != nil {
		return seen, err
	}
	variable, err := h.config(dir, timeout, o).Variable()
	if err != nil {
		return seen, err
	}
	stop := h.showProgress(g.std, dir)
	seen.out, err = g.run("", append(os.Environ(), variable))
	stop()
	if err != nil {
		return seen, err
	}
	rep, sum, failed := hunt.Collect(dir, finding.Tool{Name: "concdoctor", Version: version()})
	if sum.Programs > 0 {
		g.std.say("%s (--seed %d)", sum, h.seed)
	}
	seen.rep, seen.failed = rep, failed
	return seen, nil
}

// huntProgressEvery is how often the line about a hunt is updated.
const huntProgressEvery = time.Second

// showProgress keeps a line about the hunt on a terminal until it is stopped.
func (h *hunting) showProgress(std *streams, dir string) (stop func()) {
	if !isTerminal(std.err) {
		return func() {}
	}
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p := newProgress(std.err)
		defer p.clear()
		for {
			select {
			case <-stopped:
				return
			case <-time.After(huntProgressEvery):
			}
			// What cannot be read now is reported at the end.
			if _, sum, _ := hunt.Collect(dir, finding.Tool{}); sum.Runs > 0 {
				p.show("concdoctor: " + sum.String())
			}
		}
	}()
	return func() { close(stopped); <-ended }
}
