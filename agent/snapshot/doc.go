// Package snapshot is plain data about a running process: which goroutines hold or
// wait for what, in which order locks are taken, how long they are held and waited
// for, and what was found. agent.Snapshot fills it; the HTTP pages, profiles and
// metrics of the packages below agent only read it.
//
// A snapshot is taken while the program runs and stops no goroutine except for the
// stacks. Each goroutine is read in one consistent moment of its own; two goroutines
// may be read at slightly different moments, so that a lock can appear in no hand or
// in two for once.
package snapshot
