// Package dump reads goroutine dumps: the profile goroutine?debug=2, what SIGQUIT,
// a panic or a fatal error of the runtime leave on standard error, what an HTTP server
// logs of a handler's panic that it recovered, and the same anywhere in a log, with
// whatever stands in front of its lines.
//
// The form is that of GOROOT/src/runtime/traceback.go: a head line "goroutine 7
// [chan receive, 5 minutes, locked to thread]:", two lines a call with the words
// of its arguments, and where the goroutine was created. Lines of no known form
// are other output that slipped in and are skipped. A goroutine id that comes a
// second time, or a new panic, begins another dump.
//
// What a dump shows, beside who is where and for how many minutes:
//
//   - The address of a lock: the receiver of lockSlow, Lock or RLock in the stack
//     of a goroutine that waits. Of a lock inside a struct the caller's receiver
//     or argument nearest below the address is the struct ([lock.owner]).
//   - Who may hold it: goroutines that have the lock or its struct among the
//     arguments of their calls. They may just as well have released it or not
//     taken it yet, so that a ring of waits found this way is "suspected"; it is
//     "potential" if nobody outside the ring has any of the locks and all in it
//     have waited for a minute at least. Words marked "?" are left out: the
//     compiler no longer keeps them up to date, and they turn out to be anything.
//   - What the runtime itself says is observed: that all goroutines are asleep,
//     that a map was written concurrently, that a channel is nil, that the garbage
//     collector found a goroutine leaked.
//
// Memory: a few words for each goroutine up to [maxGoroutines], and each distinct
// stack once; what comes after is counted, and the report says so.
//
// Limits: inlined calls and calls through interfaces show no arguments, so that
// the holder of a lock is often not to be seen. Waits are told in whole minutes.
package dump
