// Package hang judges goroutines that are blocked: whether anything can end their waits,
// how certain that is, and in which words to report it.
//
// A witness hands over a [Look]: the goroutines at one moment, each with what it holds
// and what it waits for, and a [Knowledge] that answers questions about the others. The
// court makes each goroutine that has waited for long enough a party of package waitfor,
// with the ways in which its wait can end. A set of parties that only wait for each other
// is a hang. Which goroutines could end a wait is known on different bases, the strongest first:
//
//   - held: a cycle of locks and holders; observed, whatever other goroutines there are
//   - asleep: the runtime has found all goroutines asleep; observed
//   - proven: the collector has found that nothing that can run leads to what they wait for;
//     they are a hang where they wait for each other, or the program or a test waits for
//     them, and else a leak (package leak)
//   - unserved: by the source, nothing that the goroutines which can go on do ends such waits;
//     potential
//   - owed: a wait group waits for each goroutine that its Go started; observed
//   - used: every living goroutine that ever used the other side is blocked itself; other
//     goroutines may know the object, so it is potential at most
//   - known: so is every goroutine that may know the object by a census, since it has used
//     the object or descends from one that has; potential at most
//
// A goroutine dump is a witness too: it infers holds and users from source. Each of its holds
// is sure or not (judge.Hold.Unsure), nothing that rests on inference is more than potential
// (Look.Inferred), and nothing that rests on an unsure hold or on users is more than suspected.
//
// A witness that knows less gives smaller answers and gets less certainty, from the same
// code. Where it says nothing of an object's origin, for instance, every living goroutine
// may know the object; where it may have missed users, the wait may end at any time.
//
// How long is long enough is decided in patience.go. A pool of workers without work, an
// actor without messages, and a first message that is about to come look like hangs: they
// are recognized by that all of them wait to receive, or that nothing of the kind was ever
// seen. Neither is more than suspected.
//
// Sources: Holt, "Some Deadlock Properties of Computer Systems" (Computing Surveys 1972),
// for knots; Coffman, Elphick and Shoshani, "System Deadlocks" (Computing Surveys 1971).
//
// Limits: an object that is handed on through shared memory reaches goroutines that no
// census counts, and what waits in system calls, the network or on atomics counts as able
// to go on.
package hang
