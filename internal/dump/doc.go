// Package dump reads goroutine dumps: what runtime.Stack says of all goroutines, the
// profile goroutine?debug=2, what SIGQUIT, a panic or a fatal error of the runtime leave
// on standard error, what an HTTP server logs of a handler's panic that it recovered,
// and the same anywhere in a log, with whatever stands in front of its lines.
//
// The form is that of GOROOT/src/runtime/traceback.go: a head line "goroutine 7
// [chan receive, 5 minutes, locked to thread]:", two lines a call with the words
// of its arguments, and where the goroutine was created. Lines of no known form
// are other output that slipped in and are skipped. A goroutine id that comes a
// second time, or a new panic, begins another dump.
//
// Words of arguments marked "?" are left out: the compiler no longer keeps them up to
// date, and they turn out to be anything.
//
// The package judges nothing. The agent links it, to ask which goroutines of its process
// are alive, so that it imports the standard library only; package diagnosis, below it,
// says what a dump of another process shows.
//
// Memory: a few words for each goroutine, and each distinct text and stack once. Of a
// dump in a log, goroutines beyond 200,000 are counted, not kept.
//
// Limits: inlined calls and calls through interfaces show no arguments. Waits are given
// in whole minutes.
package dump
