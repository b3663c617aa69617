package dump

import "github.com/concdoctor/concdoctor/agent/finding"

// Dump is one dump: the goroutines of one process at one moment.
type Dump struct {
	// Line is the 1-based line of the input on which it begins.
	Line int
	// Cause is what made the runtime write it, as in "panic: boom" or "SIGQUIT:
	// quit", or an HTTP server, as in "http: panic serving ADDRESS: boom"; "" for a
	// dump on demand.
	Cause string
	// Tests are the tests that a "panic: test timed out" names, with their times.
	Tests []string
	// Goroutines are in the order of the dump.
	Goroutines []Goroutine
	// Dropped counts goroutines beyond those that are kept.
	Dropped int
}

// Goroutine is one goroutine of a dump.
type Goroutine struct {
	ID uint64
	// State is the runtime's word, as in "chan receive" or "sync.Mutex.Lock".
	State string
	// Minutes is how long it has waited, in whole minutes; 0 if less than one or unknown.
	Minutes int64
	// Locked says that it is locked to a thread, Leaked that the garbage collector
	// found that nothing alive can wake it.
	Locked, Leaked bool
	// Stack is shared between goroutines alike and must not be changed.
	Stack finding.Stack
	// Created is its go statement, zero for the main goroutine; Parent is the
	// goroutine that ran it, 0 if unknown (before Go 1.21).
	Created finding.Frame
	Parent  uint64
	// Args are words among the arguments of its calls.
	Args []Arg
	// WaitsOn is the address of the channel, semaphore or list of a cond that it waits on,
	// as the runtime's own calls show it. Dumps on SIGQUIT have those calls; it is 0 in others.
	WaitsOn uint64
}

// Arg is a word among the arguments of the call Stack[Frame] that may be an address; only
// those of which the compiler knows that they are up to date.
type Arg struct {
	Value uint64
	Frame int32
	// Word is its place among the words of the call, 0 for the first.
	Word int32
}

// MainID is the id of the goroutine that runs main.
const MainID = 1
