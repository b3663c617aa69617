package main

import (
	"context"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
)

func buildCommand() *command {
	return &command{
		name:     "build",
		args:     "[--] [GO-BUILD-ARGUMENT...]",
		short:    "run go build; the program can record itself",
		forwards: true,
		long: `Build is go build for a program that can record what its goroutines do. If
` + gocmd.TapeDir + ` names an existing directory, each process writes a file there, which
concdoctor analyze reads: while the process runs, after it has ended, and after it was
killed. Without the variable the program runs as if it were built by go build.

  concdoctor build -o server ./cmd/server
  mkdir records
  ` + gocmd.TapeDir + `=records ./server
  concdoctor analyze records/*

With --races the program also watches every access to memory, always, and records races.

All arguments are those of go build. See concdoctor help test for what it needs.`,
		setup: func(flags *pflag.FlagSet) action {
			races := new(bool)
			racesFlag(flags, races)
			return func(ctx context.Context, std *streams, args []string) error { return build(ctx, std, *races, args) }
		},
	}
}

func build(ctx context.Context, std *streams, races bool, args []string) error {
	g, err := newGoCall(ctx, std, append([]string{"build"}, args...))
	if err == nil && races {
		err = g.watchAccesses("build")
	}
	if err != nil {
		return err
	}
	out, err := g.run("", nil)
	switch {
	case err != nil:
		return err
	case out.Status != 0:
		return programStatus(out.Status)
	}
	if !inject.Available(g.settings.GOOS, g.settings.GOARCH) {
		std.say("programs for %s/%s cannot record yet: this one runs as if it were built by go build", g.settings.GOOS, g.settings.GOARCH)
	}
	return g.proof(out, 0)
}
