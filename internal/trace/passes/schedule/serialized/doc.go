// Package serialized finds, in an execution trace, concurrency without parallelism:
// goroutines with work to do and processors to do it, of which one runs at a time
// because they pass a lock from hand to hand.
//
// The pass looks at the time in which a goroutine waits for a lock of user code. If
// that is most of the trace, it asks of that time: how many goroutines ran on
// average, how many of those that ran take part in the hand-over (they have waited
// for a lock, or woken one that did), and how many wanted to run (ran, were
// ready, or waited for the lock). About one running out of two or more, and that one
// from among them, with a processor idle, is serialisation, and all of it is
// observed. If the holders mostly sleep or do I/O, no goroutine runs: that is
// blocking-under-lock.
//
// Limits: channels used as locks and pipelines that pass a token are not distinguished from
// goroutines that rightly wait for input, and not reported.
package serialized
