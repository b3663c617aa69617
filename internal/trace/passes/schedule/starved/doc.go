// Package starved finds, in an execution trace with CPU samples, goroutines that run
// and have no core: its rule is cpu-starved.
//
// Running, in a trace, means that the goroutine has one of Go's processors and a
// thread. Whether the system runs that thread is not an event. But if the program was
// profiled meanwhile, the trace holds the profiler's samples, one for each 10 ms of a
// thread's time on a core. The samples times 10 ms, over the time that goroutines were
// running from the first sample to the last, is the share of it on a core.
//
// Below [starvedShare] something else had the cores: other programs, a CPU limit of the
// container, or more of Go's processors than the machine has cores.
//
// Limits: without samples (go test -trace -cpuprofile; both handlers of net/http/pprof
// at one time) nothing is said. A rate set with runtime.SetCPUProfileRate is not in the
// trace: 100 a second, which runtime/pprof sets, is taken for granted. Therefore the
// finding is "potential".
package starved
