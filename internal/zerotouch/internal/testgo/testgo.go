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
func Tool(sets func() []patch.Set) {
	if len(os.Args) < 2 || os.Args[1] != toolexec.Command {
		return
	}
	list, err := patch.New(sets())
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
func Flag() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return toolexec.Flag(self, toolexec.Config{})
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
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{verb, "-toolexec=" + flag}, args)...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS=", "GOWORK=off"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", verb, err, out)
	}
	return nil
}
