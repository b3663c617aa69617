// Package sequential finds, in an execution trace, waits one after another that
// might overlap: its rule is sequential-waits.
//
// A series is the waits of one goroutine for the network, an HTTP exchange,
// processes and other system calls, or in sleeps, each long enough to matter, below
// one function. It is reported if
//
//   - there are [minWaits] of them, which take [seriesShare] of the time from the
//     first to the last and [wallShare] of the trace;
//   - nothing else went on: user goroutines hardly ran, and no other series
//     overlaps;
//   - it came to its end, and that mattered: the goroutine is the main one, or
//     another was blocked for the series until this one woke it;
//   - sleeps are at different lines: sleeping again and again at one is a poller,
//     a retry or a ticker.
//
// Reading a file or copying a whole stream is no series: its parts come one after
// another. A server that waits for requests, a poller and an idle program so stay silent:
// they are still at it when the trace ends, or no goroutine waits for them.
//
// The function is found by walking down from the goroutine's entry as long as one
// call leads to most of the waiting. Where the calls differ, the function that
// makes them is to blame. Where all waits have one stack, the loop is in one of the
// callers, which a trace does not show; they are all named.
//
// The finding is "suspected" and never more: the trace shows the waits, and not
// whether one needs the answer of another.
package sequential
