package main

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/internal/zerotouch/inject"
	"github.com/concdoctor/concdoctor/internal/zerotouch/patch"
	"github.com/concdoctor/concdoctor/internal/zerotouch/toolexec"
)

// toolexecCommand is what the go command calls in place of its tools.
func toolexecCommand() *command { return hiddenTool(toolexec.Command, listFor(false)) }

// toolexecForRacesCommand is the one for programs whose accesses to memory are watched.
func toolexecForRacesCommand() *command { return hiddenTool(toolexec.CommandForRaces, listFor(true)) }

// listFor returns what makes the list of patches, with those that watch accesses to memory or
// without.
func listFor(races bool) func() (*patch.List, error) {
	if races {
		return func() (*patch.List, error) { return patch.NewForRaces(inject.SetsForRaces()) }
	}
	return func() (*patch.List, error) { return patch.New(inject.Sets()) }
}

func hiddenTool(name string, newList func() (*patch.List, error)) *command {
	return &command{
		name:   name,
		hidden: true,
		setup: func(flags *pflag.FlagSet) action {
			flags.SetInterspersed(false)
			return func(_ context.Context, _ *streams, args []string) error {
				list, err := newList()
				if err != nil {
					return err
				}
				err = toolexec.Run(list, args)
				var exit *toolexec.ExitError
				if errors.As(err, &exit) {
					return programStatus(exit.Status)
				}
				return err
			}
		},
	}
}
