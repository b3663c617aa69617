// Package verdict finds in tapes what is wrong with the programs that wrote them: it
// turns a [tape.Tape] into findings, while the program runs and after it.
//
// # The present
//
// Of each living goroutine a tape has what it holds and what it waits for. A goroutine
// that has waited for a second becomes a party of package waitfor: for a lock it waits
// for all that hold it (a reader behind a writer for that writer), for a channel, wait
// group or cond for those alive that have used its other side. What cannot move is a
// finding. Cycles of locks are certain. What rests on which goroutines could use a channel is
// not: it is believed where a census of all goroutines that may know it finds none,
// as the agent does; a goroutine that waits to receive may just have nothing to do. A
// program that makes no progress is not thereby one that hangs.
//
// After the program has ended its last state is read in the same way, also if it was
// killed; a cycle of locks is then believed however short it stood. Where the runtime has found all goroutines asleep, all of it is certain. What
// still waits when the test is over that started it is a goroutine-leak.
//
// # The past
//
// Requests for locks under other locks make a graph (package lockorder), whose cycles
// are deadlocks that could happen. A tape has the first time of each request only: an
// order by go statements, wait groups or tests that held then makes a finding less
// certain and drops none. Misuse is reported as it was written down, and the sums of
// waits and holds by class of locks, where they are worth a word.
//
// # Names, places, people
//
// Locks are called what the source calls them (package naming). Findings say in which
// tests and programs they showed, and those of several processes are merged by
// fingerprint. Suppressions, baselines and comments in the source are honoured as
// elsewhere; shipped.txt has what is known to be harmless in the standard library.
//
// # Limits
//
// A channel is known by its uses: one that is handed on through shared memory to a goroutine that
// has not used it yet is not. What waits in system calls, in the network or on atomics
// counts as able to go on, and so does what a function of a timer has once done something
// to: whether such a timer is set now is not known. One that never fired is not seen.
package verdict
