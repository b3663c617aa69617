// Package loop finds, in an execution trace, event loops that do not return to
// their events: its rules are loop-blocked and
// loop-saturated: more events than the loop can do.
//
// # What is taken for a loop
//
// A goroutine that waits for events parks again and again at one line, its home: a
// select, a receive, a Cond.Wait or a call that accepts a connection or a packet,
// in user code, at one call depth. Home visits are counted by parks and by the
// stacks with which the goroutine wakes others there (a loop that is never idle
// does not park: it takes from blocked senders).
//
// These look alike and are not event loops:
//
//   - one of several workers: a loop is the only live goroutine of its kind;
//   - a batch worker, for which to block is the work: most iterations of an event
//     loop are short ([batchShare]);
//   - a ticker's periodic work: its home is ended by timers ([fedShare]);
//   - a producer that paces itself: its home is a send;
//   - a pipeline stage that waits for the next stage to take a value.
//
// # What is found
//
// Between two home visits a block elsewhere (sleep, lock, network, system call,
// channel, cond, wait group) of [slowNanos] keeps all other events waiting. Blocks
// are gathered by the user function that blocks, and reported if they are many or
// long.
//
// A handler that computes for as long is only seen where a goroutine was blocked on
// the loop's channel the whole time and was released by the next home visit:
// without that, one long handler and many short ones in a row look alike, since
// taking from a buffered channel leaves no trace.
//
// That the goroutine is an event loop is inferred. The finding is "potential" with
// [sureVisits] home visits and a goroutine that was kept waiting: a sender that was
// blocked meanwhile, or one of those that feed the loop that went on running, so
// that events queued up. Otherwise it is "suspected".
//
// A program can mark its loops (agent.Loop): each iteration is then a region of the
// trace with a name that begins "concdoctor.loop". Nothing is inferred there: every
// wait in an iteration counts, and the finding is "observed".
//
// Limits: several loops that run the same function are taken for a pool. A loop
// whose every handler blocks is taken for a batch worker.
package loop
