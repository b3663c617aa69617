// Package diagnosis says what a goroutine dump shows, beside which goroutine is where
// and for how many minutes.
//
// What goroutines wait for. The address of a lock, a wait group or a once is the receiver
// of the method that waits; of a lock inside a struct the caller's receiver or argument
// nearest below the address is the struct. Dumps on SIGQUIT show the runtime's own calls
// too, and with them the address of each channel and semaphore. Where the source is at
// hand, package lockset finds which field or variable it is ([resource]).
//
// Which goroutines hold it ([hold]). A dump does not say. The source says of each call of
// a stack which locks it holds there; the words of its arguments say of which instance. A
// hold is sure where both agree, likely where the source names the field and the dump no
// address, possible where the lock, or the struct that it lies in, is among the arguments
// of a call without source. A goroutine owes a wait group its Done if its function calls
// Done, or if WaitGroup.Go or errgroup started it for the one that waits. A goroutine whose
// function releases a lock that it has not acquired was given it, and holds it.
//
// What follows, in this order:
//
//   - Cycles of goroutines that hold and wait, and locks of which all that may hold them are
//     blocked: the court of package hang judges these. [witness] states to it what each
//     goroutine holds and how sure that is, which goroutines' functions would end a wait on
//     a channel, and whether nothing has moved for long: a test's time-out, a minute's wait,
//     and a second look at a process show that.
//   - A lock that no call of any goroutine holds: abandoned-lock, suspected.
//   - A test that timed out with all its goroutines blocked: stuck, or deadlock if there
//     are several; potential if nothing else in the process can move and the source shows
//     no timer, context or signal that may end one of the waits ([judging.mayBeTimed]).
//   - What the runtime itself says is observed: that all goroutines are asleep, that a map
//     was written concurrently, that a channel is nil, that the garbage collector found a
//     goroutine leaked.
//
// Each finding takes along those that wait because of it ([judging.explain]); queues and
// leaks are judged of the rest. All blocked goroutines are facts, with or without a
// finding ([Judgement.Blocked]).
//
// Limits: inlined calls and calls through interfaces show no arguments. Waits are given in
// whole minutes. Which timers are set is not known.
package diagnosis
