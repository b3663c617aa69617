// Package tape is what an observed process writes down of itself, and how it is read:
// the live state of its goroutines and what they once did for the first time.
//
// The process writes into a file that it maps into its memory, so that what it wrote
// outlives it however it ends. Nothing in the process looks for findings: the reader
// does, while the process runs and after it.
//
// A [Tape] has two halves. Goroutines are the present: one slot for each, which the
// goroutine itself keeps up to date, with what it holds and what it waits for. The
// slot of a goroutine that ended is reused. Everything else is the past: dependencies
// between locks, which goroutine used which side of a channel, misuse, tests, each written once
// when it is new. The past is bounded: where room runs out the oldest is overwritten,
// and Dropped says how much.
package tape
