// Package judge is the ground of the court: the facts that every part of it takes, and
// the parts of findings that they share.
//
// A source of facts is a witness: the engine in a live process, the tape of a program
// whose source was not changed, a goroutine dump. A witness states which goroutine holds
// what, waits for what, has used what; it judges nothing. The packages below this one
// turn facts into findings:
//
//   - cycle: orders in which locks are acquired, and the deadlocks that they allow
//   - hang: goroutines that are blocked, and whether anything can end their waits
//   - misuse: operations that panic, block for ever, or act on a copy
//   - leak: goroutines that outlive what started them
//   - race: accesses to one variable that nothing orders
//
// They decide which goroutines could end a wait, how long is long enough, which rule
// applies, with which certainty and severity, and in which words. Each of these is
// decided in one place: two witnesses of the same facts get the same finding, and one
// that knows less gets a less certain one from the same code.
//
// The packages are pure: they read no clock and no file, and know no live process. They
// import the standard library, the graphs of packages lockorder and waitfor, and package
// finding.
package judge
