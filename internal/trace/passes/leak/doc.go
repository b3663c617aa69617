// Package leak finds, in an execution trace, goroutines that block for ever. Its rules
// are goroutine-leak, stuck and abandoned-lock.
//
// A trace does not show reachability, so that "for ever" is inferred: a goroutine
// is a candidate if it is still blocked when the trace ends, on something that only
// another goroutine of the program can end (channel, select, wait group, cond,
// lock, or nothing at all: select{} and nil channels). Waits for the network, for
// timers and of the runtime are left out, and so are the main goroutine, functions
// of package testing and stacks without a line of user code.
//
// Candidates are grouped by the function that they run and the line at which they
// block. The age of the oldest must exceed by far every wait at that line that did
// end: else it is a queue, a backlog or a slow answer.
//
// What the line waits for decides how much more evidence is needed. A long wait in a
// send, on a lock or on nothing is never intended, so that one old goroutine is
// suspicious. A receive, a select, a wait group or a cond is how idle workers,
// watchers and signal handlers spend their lives. There one goroutine counts only
// if it is an orphan: born in the trace, and the goroutine that created it has
// ended; many count if they were born one after the other and are not companions of
// something alive, each with a creator of its own; and none counts if goroutines
// were seen to be woken at that line and to come back to it.
//
// A pile that grew is "potential": at least [growthCount] goroutines, born in
// several parts of the trace, none of which left. The rest is "suspected".
//
// Of goroutines that blocked before the trace began nothing is known but that they
// still do: in a send or on a lock they are suspected, otherwise only as a crowd of
// [idleCount].
//
// # Stuck
//
// Where waits at a line were ended by others, the trace shows which goroutines end them: goroutines
// related to the waiter, in that both descend from one ancestor (or the waker from the
// waiter). The farthest such ancestor seen at the line counts for all waiters there. If
// it has ended, and all that descend from it have ended or are stuck themselves, no
// goroutine is left that could end the wait: "stuck". If waiters were ever woken by strangers or by
// the runtime (timers, signals, the network) nothing is concluded, nor of a select, one of
// whose cases may be the end of the program, nor of locks.
//
// A pile that grew is "potential", unless its members wait to receive and no goroutine of
// their kind ever ended: they may be actors, which others can find in a table.
//
// # Abandoned locks
//
// The unlock that wakes a waiter hands it the lock. If that goroutine ends, and those that
// were behind it in the queue when it got the lock sleep on, it has not unlocked: that
// would have woken one of them. There is one exception: a running goroutine asks for the
// lock at this very moment and acquires it. So all that ran in between are suspects until
// they end or wait for the lock themselves. Without suspects it is "potential", with
// suspects that were never seen at the lock "suspected", else a goroutine-leak. Of
// several locks that share their lines (waiters were woken out of order) and of locks
// that others than their holders release nothing is said. What lines lock and unlock the
// same lock is inferred as in package contention.
//
// Limits: a lock that was taken without waiting and kept has no visible holder: its
// waiters are a goroutine-leak. A goroutine that gets a channel through shared memory, from a
// buffer or by a timer's function for the first time is not known. A goroutine that waits for a signal that comes once a day looks like a
// leak of one. Goroutines parked in the standard library on the user's behalf (an
// HTTP connection whose response body was not closed) are not reported.
package leak
