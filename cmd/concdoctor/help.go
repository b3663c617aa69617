package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

func helpCommand() *command {
	return &command{
		name:  "help",
		args:  "[COMMAND]",
		short: "show help for concdoctor or one of its commands",
		long:  "Help lists the commands, or explains one.",
		words: func() []string { return commandNames() },
		setup: func(*pflag.FlagSet) action {
			return func(_ context.Context, std *streams, args []string) error {
				switch len(args) {
				case 0:
					return writeOverview(std.out)
				case 1:
					c := lookup(args[0])
					if c == nil {
						return unknownCommand(args[0])
					}
					return writeHelp(std.out, c)
				}
				return usagef("help", "want one command, got %d", len(args))
			}
		},
	}
}

// line is what follows the command's name in its usage.
func (c *command) line() string {
	flags, _ := c.flags()
	var parts []string
	if flags.HasFlags() {
		parts = append(parts, "[FLAG...]")
	}
	if c.args != "" {
		parts = append(parts, c.args)
	}
	return strings.Join(parts, " ")
}

func writeOverview(w io.Writer) error {
	var b strings.Builder
	b.WriteString("concdoctor finds concurrency defects in Go programs.\n\nusage: concdoctor COMMAND [ARGUMENT...]\n\ncommands\n")
	for _, c := range commands() {
		if !c.hidden {
			fmt.Fprintf(&b, "  %-11s %s\n", c.name, c.short)
		}
	}
	b.WriteString(`
exit status
  0  nothing found at or above --fail-on
  1  the tool failed, or could not read a file
  2  the command line is wrong
  3  findings

"concdoctor help COMMAND" explains a command; "concdoctor explain" lists the rules.
`)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeHelp(w io.Writer, c *command) error {
	var b strings.Builder
	b.WriteString(strings.TrimSpace("usage: concdoctor "+c.name+" "+c.line()) + "\n\n" + c.long + "\n")
	if flags, _ := c.flags(); flags.HasFlags() {
		b.WriteString("\nflags\n" + flags.FlagUsages())
	}
	_, err := io.WriteString(w, b.String())
	return err
}
