// Package lockwarn reads what github.com/sasha-s/go-deadlock writes when it suspects
// a deadlock, anywhere in a log: inconsistent locking, recursive locking, and a lock
// waited for too long.
//
// A warning starts with "POTENTIAL DEADLOCK:" and goes on in sections, each a
// head line and a stack of lines "FILE:LINE FUNC { CODE }" (stacktraces.go and
// deadlock.go of v0.3; older versions write the same). The first line of a stack is
// the call of Lock. What follows the last section that we use, the other
// goroutines' locks and a dump, is left alone.
//
// go-deadlock keeps the order of pairs of locks only: it does not know of gate locks
// and does not look whether two orders come from two goroutines, so that what it
// calls inconsistent is "suspected" here. What it says of one goroutine that locks
// the same lock twice, and of a wait that it measured, it has seen.
//
// Its calls are named without the path of their package, which the file shows where it is
// in a GOROOT, a module cache or a GOPATH; else the user's package goes by the last
// elements of its directory.
//
// Releases that do not know the version of Go take all goroutines for one, number 2 or 0,
// which no goroutine of a program has: what they say of one goroutine is left out, and
// that is said.
//
// Limits: it knows lines as good as it knows them.
package lockwarn
