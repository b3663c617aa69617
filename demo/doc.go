// Package demo holds the diseases of concurrent programs, each as a small program
// that has the disease and one or more healthy twins that do not, and the driver
// that runs them and says what was detected.
//
// To learn, read the programs: each is a package of its own below internal
// (philosophers, bank, counter, coarselock, eventloop, lockedio, leak, gather,
// crowd), knows nothing of concdoctor, and says in its package comment what the
// disease is. The catalogue ([Catalogue]) lists them with the finding that each is
// expected to give; that is declared data and never printed as a result.
//
// A program runs in a child process: the driver ([Driver]) executes itself again
// with an environment variable ([Child] looks for it), so that a program that hangs
// cannot hang the driver, and the trace holds the demo alone. The child has an
// execution trace, mutex, block and goroutine profiles taken of itself, and hands
// over what the agent finds at the moment of the finding, one JSON line each
// (wire.go). The parent analyzes the files with package analyzer and compares
// (verdict.go): a row is as expected if the expected rule was found at the
// expected certainty by the expected means in the expected function, and no twin
// has any finding at all of severity warning or above. One twin is spared the rules
// of the contention family ([Demo.Instant]).
//
// Limits: the counter demo relies on Go's own race detector for now (race.go) and
// needs the go command and a C compiler; where they are missing the row is not run
// ([Row.NotRun]). It is judged by the race detector's log alone and takes no trace.
package demo
