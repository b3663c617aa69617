// Package testgo lets a test binary build observed programs: it is itself what the go
// command then calls in place of its tools.
package testgo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"

	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// Tool does the work of a tool and ends the process if the go command called it as one.
// Every TestMain that uses Flag calls it first.
func Tool(sets func() []patch.Set) { tool(toolexec.Command, sets, patch.New) }

// ToolForRaces is Tool for programs that watch their accesses to memory; see RunForRaces.
func ToolForRaces(sets func() []patch.Set) { tool(toolexec.CommandForRaces, sets, patch.NewForRaces) }

func tool(command string, sets func() []patch.Set, newList func([]patch.Set) (*patch.List, error)) {
	if len(os.Args) < 2 || os.Args[1] != command {
		return
	}
	list, err := newList(sets())
	if err == nil {
		err = toolexec.Run(list, os.Args[2:])
	}
	var exit *toolexec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.Status)
	case err != nil:
		fmt.Fprintln(os.Stderr, "concdoctor:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Flag is the value of -toolexec that names this binary.
func Flag() (string, error) { return flag(toolexec.Config{}) }

func flag(config toolexec.Config) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return toolexec.Flag(self, config)
}

// Run runs the go command in a directory with zero touch, and without the flags and the
// workspace of the user who runs the tests.
func Run(ctx context.Context, dir, verb string, args ...string) error {
	return RunWith(ctx, nil, dir, verb, args...)
}

// RunWith is Run with more variables in the environment.
func RunWith(ctx context.Context, env []string, dir, verb string, args ...string) error {
	flag, err := Flag()
	if err != nil {
		return err
	}
	return run(ctx, env, dir, slices.Concat([]string{verb, "-toolexec=" + flag}, args))
}

// RunForRaces is Run for programs that watch their accesses to memory. They are built without
// cgo: there need not be a C compiler.
func RunForRaces(ctx context.Context, dir, verb string, args ...string) error {
	flag, err := flag(toolexec.Config{Races: true})
	if err != nil {
		return err
	}
	return run(ctx, []string{"CGO_ENABLED=0"}, dir, slices.Concat([]string{verb, "-toolexec=" + flag, "-tags=race"}, args))
}

// run runs the go command, whose first argument is the verb.
func run(ctx context.Context, env []string, dir string, args []string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS=", "GOWORK=off"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", args[0], err, out)
	}
	return nil
}
