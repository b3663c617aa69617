package main

import "github.com/spf13/pflag"

func runCommand() *command {
	return &command{
		name:     "run",
		args:     "[--] [GO-RUN-ARGUMENT...]",
		short:    "run go run, and tell what the program's goroutines did wrong",
		forwards: true,
		long: `Run is go run with the program observed: every mutex, channel, wait group and goroutine
of it and of all that it imports, and of the programs that it starts, if they were built
by concdoctor build. The source is not changed.

All arguments after concdoctor's own flags are those of go run, to which streams, signals
and the exit status belong. The report comes at the end on standard error; of goroutines
that hang a line comes at once. An interrupt (Ctrl-C) ends a program that hangs, and the
report tells why it did. Exit status: that of go run if it is not 0, else 3 if there are
findings at or above --fail-on.

  concdoctor run ./cmd/server -addr localhost:8080
  concdoctor run --report findings.html --format html . <input

See concdoctor help test for what it needs.`,
		setup: func(flags *pflag.FlagSet) action { return newObservation(flags, "run").run },
	}
}
