// Package passtest runs programs of known truth under the execution tracer and
// gives their traces to passes under test.
//
// A program runs in a child process, the test's own executable started again, so
// that the trace holds that program alone, what it leaks dies with it, and
// GOMAXPROCS is its own:
//
//	func TestMain(m *testing.M) { passtest.Main(m, programs) }
//
//	found := passtest.Analyze(t, passtest.Program{Name: "sleep", Procs: 2}, leak.New)
//
// It is for tests of this module only.
package passtest
