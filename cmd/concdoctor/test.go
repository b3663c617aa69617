package main

import "github.com/spf13/pflag"

func testCommand() *command {
	return &command{
		name:     "test",
		args:     "[--] [GO-TEST-ARGUMENT...]",
		short:    "run go test, and tell what its goroutines did wrong",
		forwards: true,
		long: `Test is go test with the programs observed: every mutex, channel, wait group and
goroutine of the tests, of the code under test and of all that it imports. The source is
not changed; what is compiled into the programs is a runtime that records.

All arguments after concdoctor's own flags are those of go test, to which streams, signals
and the exit status belong. The report comes at the end on standard error. Exit status:
that of go test if it is not 0, else 3 if there are findings at or above --fail-on.

  concdoctor test ./...
  concdoctor test -run TestServer -race ./server
  concdoctor test --format sarif --report findings.sarif ./...
  concdoctor test --keep records ./store; concdoctor analyze records/*

For bugs that hardly ever show, the tests of each package are run again and again under
disturbed schedules: goroutines are delayed at random, by priorities, or (directed) where
earlier runs showed that they could get in each other's way. It ends with a run that fails
or does harm; one that hangs for certain is ended at once. Each finding says in how many
runs it showed, and which flags make the same choices again.

  concdoctor test --runs 100 ./...
  concdoctor test --time 2m --whole -race -run TestServer ./server
  concdoctor test --perturb priorities --seed 4711 -run TestServer ./server

Go 1.25 or newer is needed; go test uses the toolchain that go.mod asks for, as ever. The
first run compiles the standard library once more, which the build cache keeps beside
the plain one. Results of tests are not taken from the cache (-count=1).`,
		setup: func(flags *pflag.FlagSet) action { return newObservation(flags, "test").run },
	}
}
