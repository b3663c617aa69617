// Package inject is what zero touch puts into the packages runtime, sync, testing, time and
// context of an observed program, so that it records: which operations of package patch, and the
// files that they call.
//
// The recorder lives in package runtime. There the running goroutine is known, nothing
// has to be imported and nothing is instrumented by the race detector. Each goroutine
// writes what it holds and waits for into a slot of its own on the tape, a file that the
// process maps (package tape). What is new, such as a lock taken under another for the
// first time, becomes a record there. Nothing in the process reads any of it: there is
// no watcher, no map and no allocation, and the runtime's own check that all goroutines
// are asleep sees the program as ever. One thread sleeps until a reader asks which
// goroutines the collector can prove lost, and writes now and then that it is there.
//
//	sync       Mutex, RWMutex wrapped; WaitGroup, Cond report Add, Done, Wait, Signal
//	runtime    chansend, chanrecv, closechan, selectgo report use, waits and panics;
//	           newproc1, gdestroy give and end a slot; gcMarkTermination reports which
//	           objects' memory is free; main begins the tape; checkdead, runExitHooks,
//	           syscall_Exit, fatalpanic, fatalthrow, fatalsignal, dieFromSignal,
//	           syscall_runtime_BeforeExec end it
//	           forcegchelper looks which goroutines are lost; mallocgcTiny and its copies for one size give
//	           small locks blocks of their own, or others would reach them
//	           sigtrampgo ends it where the disk is full; dropm, cgocallbackg1 distinguish one thread
//	           of C from the next
//	testing    tRunner, fRunner, (*B).runN report which test a goroutine works for, and its end;
//	           (*M).startAlarm reports that tests took too long
//	time, context   AfterFunc reports what the function that it calls later comes after
//	golang.org/x/sync/semaphore   (*Weighted).Acquire and Release wrapped, in the versions
//	           that have them so
//
// Without the variable CONCDOCTOR_TAPE_DIR in its environment a program records nothing.
//
// An acquisition that the goroutine made before, from the same place with the same locks
// held, costs one probe of a cache in the slot (the chain cache of Linux's lockdep).
// Stacks are walked by frame pointers, only when something is new or waits, and are
// turned into functions and lines when an address is new.
//
// Memory is reused after a collection. A lock or channel that takes part in a record
// therefore has an id, and is taken out where the marking of a collection ends without
// having reached it; whatever a goroutine remembers by address counts within one
// collection cycle only.
//
// A lock that another goroutine releases than the one that took it was given away: that one
// holds it no longer, and the next to take it holds it as any lock. Only which of several
// readers gave a read lock away is not known: from then on no goroutine is recorded as a holder.
//
// Limits: Linux on amd64 and arm64 records; elsewhere programs build and run, and record
// nothing. Locks in C, spin locks on atomics and the runtime's own locks are not seen,
// nor is the one of internal/poll and the mutexes inside sync.Map. What a thread of C still
// holds when it ends is not recorded; where it took locks as the runtime's goroutine of
// another thread before it, it has an id here that stack traces do not show.
package inject
