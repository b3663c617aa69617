package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/untrusted"
	"github.com/concdoctor/concdoctor/internal/zerotouch/health"
	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

func doctorCommand() *command {
	return &command{
		name:  "doctor",
		short: "check whether test, run and build work on this machine",
		long: `Doctor checks what concdoctor test, run and build need: the go command and the release that
it uses in this directory, whether the changes to the runtime apply to that release and
for which systems, whether -race and the leak profile are available, and whether
recordings can be written. Finally it builds a small program, runs it and reads its
recording. The first time, that takes as long as building the standard library; --quick
leaves it out.

The exit status is 0 if everything needed works, even if an optional part is missing,
else 1.`,
		words: func() []string { return []string{} },
		setup: func(flags *pflag.FlagSet) action {
			quick := flags.Bool("quick", false, "do not build and run a program")
			return func(ctx context.Context, std *streams, args []string) error {
				if len(args) > 0 {
					return usagef("doctor", "want no arguments, got %q", args)
				}
				return examine(ctx, std, *quick)
			}
		},
	}
}

func examine(ctx context.Context, std *streams, quick bool) error {
	program, err := self()
	if err != nil {
		return err
	}
	list, err := patch.New(inject.Sets())
	if err != nil {
		return err
	}
	opts := health.Options{Program: program, List: list, Quick: quick}
	works := health.Examine(ctx, opts, func(c health.Check) {
		fmt.Fprintf(std.out, "%-8s %-14s %s\n", c.Grade, c.Name, untrusted.Text(c.Text))
		if c.Hint != "" {
			fmt.Fprintf(std.out, "%-8s %-14s %s\n", "", "", untrusted.Text(c.Hint))
		}
	})
	if !works {
		return errors.New("zero touch does not work here, see above")
	}
	return nil
}
