// Package goroutines lists the goroutines of this process: which are alive, what each does,
// where, and which goroutine created it.
//
// Listing them stops the world for some microseconds a goroutine, so the agent
// does it only on request, or to confirm that a hang which it suspects is none.
package goroutines
