package main

import "github.com/spf13/pflag"

func runCommand() *command {
	return &command{
		name:     "run",
		args:     "[--] [GO-RUN-ARGUMENT...]",
		short:    "run go run and report what the program's goroutines did wrong",
		forwards: true,
		long: `Run is go run with the program under observation: every mutex, channel, wait group and
goroutine of the program and of its dependencies, and of the programs that it starts, if
they were built by concdoctor build. The source is not changed.

All arguments after concdoctor's own flags are those of go run, and the program has the
terminal, the standard streams and the signals to itself. The report follows on standard
error when the program has ended. Hangs are reported live, one line each; interrupt the
program (Ctrl-C) to see the full report. The exit status is that of go run if it is not
0, else 3 if there are findings at or above --fail-on.

  concdoctor run ./cmd/server -addr localhost:8080
  concdoctor run --report findings.html --format html . <input

See concdoctor help test for what it needs.`,
		setup: func(flags *pflag.FlagSet) action { return newObservation(flags, "run").run },
	}
}
