// Package analyzer reads what a concurrent Go program left behind and says what
// is wrong with it: execution traces, mutex, block, goroutine and goroutineleak
// profiles, goroutine dumps, and logs of the race detector and of go-deadlock,
// several of them in one call.
//
// [Analyze] recognises each input by its content, runs the reader and the passes
// of its kind, and returns one [finding.Report], in one order, with a verdict in
// a sentence. An input that cannot be read does not stop the others.
//
// Several inputs are taken for one program's. What they say of one line in the code
// is one finding with a piece of evidence for each input: the finding of the input
// that tells most (trace, then profile, then dump), as sure as the surest. The line
// is the call that waits or holds, by function, file name and line number, and the
// rules must be of one family. Logs of the race detector and of go-deadlock, and
// findings that name no place, are joined by their fingerprint.
//
// Readers are under internal, the checks on traces under passes, the outputs
// under render. The package knows no command line and writes no files.
//
// Limits: each kind answers its own questions. Profiles do not tell who made whom
// wait, race logs only what the run touched, and no input shows what did not run.
package analyzer
