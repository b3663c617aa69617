// Package dump reads what runtime.Stack says of all goroutines of this process:
// which are alive, what each does, where, and which goroutine created it.
//
// Taking a dump stops the world for some microseconds a goroutine, so the agent
// does it only on request, or to confirm that a hang which it suspects is none.
package dump
