// Package goroutines lists the goroutines of this process: which are alive, what each does,
// where, and which goroutine created it.
//
// Listing them stops the world for some microseconds a goroutine, so the agent
// does it only on request, or to confirm that a hang which it suspects is none.
//
// Where the runtime has the profile of leaked goroutines, the list can say which goroutines
// no other one can wake any more. That takes a garbage collection. The profile is read
// through package runtime/pprof, which adds 0.3 MB to a program that does not have it: the
// runtime offers it in no other way that is supported.
package goroutines
