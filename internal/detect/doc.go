// Package detect is the engine behind package agent. The types of package agent call it
// before and after each operation that can block; it finds the deadlocks that can come of
// these operations and those that have happened.
//
// # From a Lock to a finding
//
//  1. A lock's method finds the state of the running goroutine (states, package gid) and
//     calls [Lock.Request], which fills a scratch hold in the goroutine's own memory and walks
//     the stack (package callers). A lock that was acquired often gets a mark of the stack
//     instead; see HeldLock. If nothing else is held, the method does that itself.
//  2. If the goroutine holds locks already, the sequence of these locks and the new one is
//     looked up in a cache (chains). A known sequence ends here.
//  3. A new sequence is a dependency. If it agrees with an order of classes that was seen
//     thousands of times, it is passed over (established). Else it enters the lock-dependency graph (order, package
//     lockorder), which returns the cycles that it completes. Class-level orders are
//     checked as well (orderClasses), and orders that the program has declared.
//  4. The method tries the lock. A goroutine that has to block publishes what it waits for
//     (blocked); if it holds a lock, it also enters the wait-for graph (registry, package
//     waitfor), which returns the deadlock that it completes.
//  5. A scanner wakes up while goroutines are blocked and has the court (package
//     judge/hang) judge those that have been blocked for a while: also waits for channels,
//     wait groups and conditions, and for locks whose holder has exited. Where the runtime
//     can tell, the scanner has the collector prove it while the process stands still.
//  6. What the graphs and the court find becomes a finding and leaves through package
//     policy, which reads the options. No graph depends on them.
//  7. The method has the lock and calls [Goroutine.Acquired]; its Unlock calls
//     [Goroutine.Release]. Both touch only the goroutine's own memory.
//
// Happens-before edges that the program asked for (go statements, Done and Wait, Once,
// messages) order requests, so that they do not make a cycle: see timeline.
//
// # Cost
//
// An uncontended acquisition without other locks held writes one cache line of the goroutine's
// own, no memory that goroutines share, and allocates nothing; with other locks held it also probes the chain cache, as in
// Linux lockdep. Locks under which nothing is ever requested do not enter the graph, so a
// program may have millions of them: see order.
//
// # Locks that are given away
//
// In Go another goroutine than the holder may unlock a mutex. The recorded hold of it is void
// then (see handOver), and the engine keeps at which place it began (handovers): findings that
// rest on another hold from there are only suspected.
//
// # Lock order of the engine
//
// Any lock of the program may be held when the engine is called. Indented locks are
// acquired while the one above is held; all others are leaves. No user code runs under any
// of them, and no I/O but the write under policy.Sink.writing.
//
//	locks of the program
//	    scanner.scanning      one scan of the blocked goroutines at a time
//	        users.mu          which goroutines have used one side of a channel or the like
//	        scanner.mu        the next scan, and the holds of goroutines that have ended
//	        names.mu          names of goroutines
//	    handovers.mu          where locks were acquired that others released
//	    copies.mu             the first use of a copied lock; tries that lock
//	    registry.mu           the wait-for graph; tries a lock for reading
//	    order.mu              the lock-dependency graph
//	    edges.mu              the lock order between classes
//	    classes.mu            the classes of locks
//	    longest.mu            the longest hold or wait of a class
//	    siteShard.mu          waits by waiting stack
//	    states.mu             adding a goroutine's state
//	    Chan.mu               the close of a channel
//	    Loop.mu               the current iteration of an event loop
//	    policy.Sink.mu        findings, subscribers, the delivery queue
//	    policy.Sink.writing   one finding at a time on the output
//
// # Limits
//
// The stack of a lock that was acquired often has its innermost three calls, and all others as
// long as the function of the third one has not returned when something needs them: a request
// under the lock, a wait, a go statement. Those of a goroutine that runs are completed from
// its current stack.
//
// The engine sees only what goes through package agent. It gives up detection, says so once
// and leaves the program running if one of its invariants does not hold.
//
// # Sources
//
// The chain cache and the held sequence's key are those of Linux lockdep
// (kernel/locking/lockdep.c). The sequence lock in blocked is as in Linux's seqlock.h. The
// offsets of the runtime's g are found by experiment: see package gid.
package detect
