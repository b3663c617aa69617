package main

import "github.com/spf13/pflag"

func testCommand() *command {
	return &command{
		name:     "test",
		args:     "[--] [GO-TEST-ARGUMENT...]",
		short:    "run go test and report what its goroutines did wrong",
		forwards: true,
		long: `Test is go test with the test programs under observation: every mutex, channel, wait group
and goroutine of the tests, of the code under test and of its dependencies. The source is
not changed: the programs are built with a runtime that records.

All arguments after concdoctor's own flags are those of go test, and its output is passed
on. The report follows on standard error. The exit status is that of go test if it is not
0, else 3 if there are findings at or above --fail-on.

  concdoctor test ./...
  concdoctor test -run TestServer -race ./server
  concdoctor test --format sarif --report findings.sarif ./...
  concdoctor test --keep records ./store; concdoctor analyze records/*

With --runs or --time the tests of each package are run many times under perturbed
schedules, to find bugs that show rarely (a hunt): goroutines are delayed at random, by
priority, or (directed) at places where earlier runs showed that they could conflict. A
hunt stops at the first run that fails or in which a bug did harm, unless --whole is
given; a run that certainly hangs is ended at once. Each finding says in how many runs it
appeared, and which flags repeat the same choices.

  concdoctor test --runs 100 ./...
  concdoctor test --time 2m --whole -race -run TestServer ./server
  concdoctor test --perturb priorities --seed 4711 -run TestServer ./server

With --races every access to memory is watched, too: data races become findings, with the
locks that each side held. It stands in the place of go test's -race, and needs no C compiler.

  concdoctor test --races ./...

Go 1.25 or newer is required; as always, go test uses the toolchain that go.mod asks for.
The first run compiles the standard library again; the build cache keeps the result
beside the plain one. Cached test results are not used (-count=1).`,
		setup: func(flags *pflag.FlagSet) action { return newObservation(flags, "test").run },
	}
}
