package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// command is one subcommand, as data: the dispatch, help and shell completion
// know nothing else of it.
type command struct {
	name string
	// args is what follows the flags in the usage line, as in "FILE...".
	args string
	// short is one line for the list of commands, long the text of its help.
	short, long string
	// hidden commands are for machines and are not listed.
	hidden bool
	// forwards says that what follows the command's own flags are arguments for another
	// program, flags and all.
	forwards bool
	// setup registers the command's flags and returns what runs it.
	setup func(flags *pflag.FlagSet) action
	// words lists what an argument can be, for completion; nil means files.
	words func() []string
}

// action runs a command with the arguments that are no flags.
type action func(ctx context.Context, std *streams, args []string) error

// commands returns the table in the order in which help shows it.
func commands() []*command {
	return []*command{
		testCommand(),
		runCommand(),
		buildCommand(),
		analyzeCommand(),
		recordCommand(),
		diffCommand(),
		explainCommand(),
		renderCommand(),
		demoCommand(),
		doctorCommand(),
		gorootCommand(),
		versionCommand(),
		helpCommand(),
		completionCommand(),
		candidatesCommand(),
		toolexecCommand(),
		toolexecForRacesCommand(),
		huntCommand(),
	}
}

func lookup(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return c
		}
	}
	return nil
}

// commandNames returns the names that users type.
func commandNames() []string {
	var names []string
	for _, c := range commands() {
		if !c.hidden {
			names = append(names, c.name)
		}
	}
	return names
}

// flags returns a new flag set of the command and its action.
func (c *command) flags() (*pflag.FlagSet, action) {
	set := pflag.NewFlagSet(c.name, pflag.ContinueOnError)
	set.SetOutput(io.Discard) // dispatch writes the error and the usage
	set.Usage = func() {}
	set.SortFlags = false
	act := c.setup(set)
	return set, act
}

// dispatch runs the command that args name.
func dispatch(ctx context.Context, std *streams, args []string) error {
	if len(args) == 0 {
		return &usageError{text: "no command given"}
	}
	name := args[0]
	switch name {
	case "-h", "--help":
		name = "help"
	case "--version":
		name = "version"
	}
	c := lookup(name)
	if c == nil {
		return unknownCommand(name)
	}
	flags, act := c.flags()
	own, others := args[1:], []string(nil)
	if c.forwards {
		var err error
		if own, others, err = splitOwn(flags, own); err != nil {
			return &usageError{command: c, text: err.Error()}
		}
	}
	err := flags.Parse(own)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return writeHelp(std.out, c)
	case err != nil:
		return &usageError{command: c, text: err.Error()}
	}
	return act(ctx, std, append(flags.Args(), others...))
}

func unknownCommand(name string) error {
	text := fmt.Sprintf("unknown command %q", name)
	if _, err := os.Stat(name); err == nil {
		return &usageError{text: fmt.Sprintf("%s; to analyze that file: concdoctor analyze %s", text, name)}
	}
	if near := nearest(name, commandNames()); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return &usageError{text: text}
}
