package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/zerotouch/gocmd"
	"github.com/concdoctor/concdoctor/internal/zerotouch/goroot"
	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
)

func gorootCommand() *command {
	return &command{
		name:  "goroot",
		args:  "DIR",
		short: "make a Go tree that builds recording programs, for other build systems",
		long: `Goroot makes a Go tree in DIR that builds programs as concdoctor build does. The tree
consists of links to that of the go command in PATH, with a runtime that records. It
serves build systems and editors that do not call the go command or do not pass
-toolexec on.

  concdoctor goroot /tmp/observed
  GOROOT=/tmp/observed GOTOOLCHAIN=local /tmp/observed/bin/go build ./cmd/server

One tree serves Linux, macOS and Windows on amd64 and arm64. If go.mod asks for another
toolchain, the go command switches to it and away from the tree, unless GOTOOLCHAIN=local
is set. After an update of Go or of concdoctor, run goroot again: it replaces a tree that
it made, and refuses any other directory that is not empty.`,
		setup: func(*pflag.FlagSet) action { return makeGoroot },
	}
}

func makeGoroot(ctx context.Context, std *streams, args []string) error {
	if len(args) != 1 {
		return usagef("goroot", "want one directory, got %d", len(args))
	}
	list, err := patch.New(inject.Sets())
	if err != nil {
		return err
	}
	settings, err := gocmd.ReadSettings(ctx, "", nil)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	from, err := filepath.EvalSymlinks(settings.GOROOT)
	if err != nil {
		return fmt.Errorf("finding the Go tree: %w", err)
	}
	if within(dir, from) {
		return errors.New("the new tree must not lie inside the one that it is made from")
	}
	if err := goroot.Shadow(list, from, dir); err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s builds recording programs with %s:\nGOROOT=%s GOTOOLCHAIN=local %s build ...\n",
		dir, settings.GOVERSION, dir, filepath.Join(dir, "bin", "go"))
	return err
}

// within reports whether a path is a directory or lies in it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
