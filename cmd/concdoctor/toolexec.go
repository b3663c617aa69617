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
func toolexecCommand() *command {
	return &command{
		name:   toolexec.Command,
		hidden: true,
		setup: func(flags *pflag.FlagSet) action {
			flags.SetInterspersed(false)
			return func(_ context.Context, _ *streams, args []string) error {
				list, err := patch.New(inject.Sets())
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
