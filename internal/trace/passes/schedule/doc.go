// Package schedule distinguishes concurrency from parallelism: how many goroutines of a
// trace were in flight and how many of them really ran at the same time, and for
// each group of goroutines with one entry function what its time went to and what
// follows for its size.
//
// Concurrency counts user goroutines from birth (the trace's start, if they lived
// before) to exit, except those that did nothing at all during the trace.
// Parallelism counts user goroutines in the state Running. Means are weighted by
// time. The runtime's own goroutines are left out of both.
//
// A group's time is the sum of its goroutines' lives, split by state and reason:
// running; runnable (ready, no processor); I/O (network, system calls, timers);
// locks; synchronisation (channels, wait groups, conds). The largest share names
// the group's verdict.
//
// Limits: Running is what the scheduler says; whether the operating system really
// ran the thread is not in the trace. System calls shorter than the runtime's
// attention count as I/O although the goroutine keeps its processor.
package schedule
