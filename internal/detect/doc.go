// Package detect is the engine behind package agent: it is told what the locks, channels,
// wait groups and conditions of a program are about to do and have done, and reports the
// deadlocks that could come of it or that have just happened.
//
// # What it keeps
//
// An order graph (package lockorder) learns which locks are asked for under which
// others and reports rings that could deadlock (rule lock-cycle), also if they
// never do. What a go statement of agent.Go or the like keeps apart is none (see
// timeline). A wait-for graph (package waitfor) of the goroutines that are blocked
// reports a deadlock in the moment in which it closes (rules deadlock and
// self-deadlock). A watch of all who have waited for a while reports what goes through
// more than locks.
//
// # How it stays cheap
//
// An acquire finds its goroutine's state by the address of the runtime's g
// (package gid), walks eight frame pointers (package callers), and appends to a
// list that no other goroutine reads: no shared word is written, nothing is
// allocated. Under held locks it also probes a cache keyed by the hash of the
// held sequence, as Linux lockdep does; only a sequence that was never seen takes
// a lock of ours. Locks under which nothing is ever asked for stay out of the
// graph altogether (see order), so a program may have millions of them. A lock is first
// tried, and only a goroutine that then blocks with something in its hands enters the
// registry of waits.
//
// # Who may unlock
//
// In Go another goroutine may release a mutex. Such a lock counts as a semaphore
// from then on: holds of it on record become void (see handOver), and findings
// that rest on it are only suspected.
//
// # The agent's own locks
//
//	states.mu          adding a goroutine's state
//	copies.mu          the first use of a copied lock
//	order.mu           the lock-dependency graph
//	registry.mu        the blocked goroutines
//	watch.looking      one look at all blocked goroutines at a time
//	watch.mu           the next look, and the holds of goroutines that have ended
//	users.mu           who has used one side of a channel, a wait group and so on
//	sensor.mu          one close of a channel at a time
//	classes.mu         the classes of locks
//	edges.mu           the lock order between classes
//	longest.mu         the longest hold or wait of a class
//	siteShard.mu       waits by the stack that waited
//	names.mu           names of goroutines
//	policy.Sink.mu     findings, subscribers, the delivery queue
//	policy.Sink.writing  one finding at a time on the output
//
// All but watch.looking are leaves: none is taken under another, no user code and no I/O but the
// write under policy.Sink.writing runs under any of them.
package detect
