// Package record fetches from the pprof pages of a running service what the analyzer
// reads: an execution trace with the mutex and block profile of the same time, then
// a goroutine dump and the goroutineleak profile.
//
// Trace and profiles run side by side, so that the profiles show the very waits
// that are in the trace. The dump and the leak profile, which stop the world for a
// moment, come when the trace is over. A page that the service does not have, or
// that fails, does not stop the others.
//
// Limits: what mutex and block profiles hold is up to the rates that the service
// sets; pprof cannot change them from outside. The handlers that answer the recorder
// are goroutines of the service and in the trace like all others.
package record
