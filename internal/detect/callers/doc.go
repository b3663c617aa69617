// Package callers captures the running goroutine's call stack, cheaply.
//
// Go keeps frame pointers on amd64 and arm64: each frame's saved pointer leads to
// its caller's frame, with the return address in the word above (the runtime's
// own tracer walks them in the same way, see fpTracebackPCs in
// runtime/traceback.go). The walk is in assembly because it must not be
// preempted: a goroutine that grows its stack moves it. Every step is checked
// against the bounds of the goroutine's stack, so that a foreign frame (cgo)
// ends the walk and can never fault.
//
// Program counters are return addresses; [Expand] turns them into functions and
// lines, inlined calls included, only when a report is written. Where there are
// no frame pointers, or with build tag concdoctor_portable, runtime.Callers
// serves: the same result at some fifty times the price.
package callers
