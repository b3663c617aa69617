// Package diagnosis says what a goroutine dump shows, beside which goroutine is where
// and for how many minutes:
//
//   - The address of a lock: the receiver of lockSlow, Lock or RLock in the stack
//     of a goroutine that waits. Of a lock inside a struct the caller's receiver
//     or argument nearest below the address is the struct ([lock.owner]).
//   - Which goroutines may hold it: those that have the lock or its struct among the
//     arguments of their calls. They may just as well have released it or not
//     acquired it yet, so that a cycle of waits found this way is "suspected"; it is
//     "potential" if no goroutine outside the cycle has any of the locks and all in it
//     have waited for a minute at least.
//   - What the runtime itself says is observed: that all goroutines are asleep,
//     that a map was written concurrently, that a channel is nil, that the garbage
//     collector found a goroutine leaked.
//
// Limits: inlined calls and calls through interfaces show no arguments, so that
// the holder of a lock is often not to be seen. Waits are told in whole minutes.
package diagnosis
