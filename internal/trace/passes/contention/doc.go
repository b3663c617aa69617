// Package contention finds, in an execution trace, which goroutines wait for locks, what makes
// them wait, and what the holders do meanwhile. Its rules are contention,
// blocking-under-lock, coarse-section, convoy, hot-counter, read-mostly and
// writer-starvation.
//
// A trace shows no lock and no holder: it shows that a goroutine parked in
// Mutex.Lock at a line, and whose Unlock woke it. From that follows the rest.
//
// Lock classes. The line of a Lock and the line of the Unlock that ended its wait
// belong to one lock: union-find over such pairs gives classes of lock and unlock
// lines, as fine as fields and variables as a rule. One class may have many
// instances (a mutex in every shard). Readers and writers of an RWMutex may only ever
// wait for the other kind; there the line at which a goroutine waited and the one at
// which it then unlocks, in the same function and the same way, are joined too.
//
// Waits. A delay is the time parked plus the time ready until it ran again. It
// agrees with the block profile at rate 1.
//
// Blame. Charging the goroutine whose Unlock woke me names the wrong culprit in a
// convoy: for most of the wait it was in the same queue. Where the waker itself waited
// for the class inside the wait, that slice is charged to what its own wait was
// charged to, which was resolved when it ended; so no recursion is needed, and a
// goroutine keeps its last few resolved waits only. What remains before the waker
// had the lock belongs to those that unlocked in between; the time from a wake until
// the woken goroutine ran is charged to no one. Against a program that writes down its
// own holds the result is off by less than 1 %.
//
// Holds. A goroutine that unlocks at u and wakes a waiter that came at s held the lock at u; it
// held it since s at least, unless something shows that it got it later: the end of
// its own wait for the class, its own last unlock, or another goroutine's unlock
// that woke a goroutine. What it did from the latest of these until u was done under
// the lock: parks of it that lie there are the proof of blocking-under-lock.
//
// One thing the trace hides: an Unlock while another goroutine spins in Lock wakes
// none. A goroutine may acquire the lock late without a sign, and a sleep before
// that would be charged to the lock. Therefore a park counts only if its line lies
// between a known Lock line and the Unlock line of the function that both stacks
// have in common; where the lines do not decide (Lock and Unlock in helpers) it
// must have been seen repeatedly.
//
// Utilisation of a class is the share of time in which a goroutine waited for it: a
// lower bound of the time in which it was held. A section is coarse only if the
// processors are idle meanwhile. Utilisation is only meaningful if the class
// has one instance. Waiters of one mutex are woken for the first time in the order in
// which they came, so that many first wakes out of order give away several instances.
//
// What if. For the lines at fault the wait chains are replayed with the holds cut in
// half, in max-plus algebra: see whatIf. Against a program that really halves its hold
// the saved waits and the saved time are off by less than a tenth.
//
// Limits: locks that were never contended leave no trace. Locks of the runtime
// itself do not appear in execution traces. A sharded lock whose lines are shared
// by all shards is one class.
package contention
