// Package truth holds programs whose real behaviour is known, by construction and
// because they measure it themselves, and compares what the analyzer says of them.
//
// A program runs in a child process, the caller's own executable started again, with
// its execution trace, a block profile at rate 1 and a mutex profile at fraction 1.
// It notes in its [Journal] what really happened, as time stamps at acquire and
// release and as counters. Then the whole analysis reads the trace, and [Figure]s
// compare what the report says with the journal and with the profiles, which the
// runtime fills by a path of its own.
//
// Truth is what the run itself measured and never a constant, so that a busy machine
// changes both sides. What is left is the moment between a time stamp and the event
// that it stands for, in which the system may take the processor away. That comes and
// goes, while a wrong computation stays: a figure is wrong if it is off in each of
// [Attempts] runs.
//
// The table of all figures:
//
//	go run ./internal/trace/truth/table
package truth
