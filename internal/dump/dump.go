package dump

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// maxGoroutines is how many goroutines of a dump are kept one by one. A dump of
// more has gigabytes, and its first 200,000 tell what is wrong.
const maxGoroutines = 200_000

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
	// Dropped counts goroutines beyond maxGoroutines.
	Dropped int
}

// Goroutine is one goroutine of a dump.
type Goroutine struct {
	ID uint64
	// State is the runtime's word, as in "chan receive" or "sync.Mutex.Lock".
	State string
	// Role is what it waits for.
	Role profile.Role
	// Minutes is how long it has waited, in whole minutes; 0 is less than one or not told.
	Minutes int64
	// Locked says that it is locked to a thread, Leaked that the garbage collector
	// found that nothing alive can wake it.
	Locked, Leaked bool
	// Stack is shared between goroutines alike and must not be changed.
	Stack finding.Stack
	// Created is its go statement, zero for the main goroutine; Parent is the
	// goroutine that ran it, 0 if not told (before Go 1.21).
	Created finding.Frame
	Parent  uint64
	args    []arg
}

// mainID is the id of the goroutine that runs main.
const mainID = 1

// arg is a word among the arguments of the call Stack[frame]; only those of which
// the compiler knows that they are up to date.
type arg struct {
	value uint64
	frame int32
}

// isNil reports whether it waits for a channel that is nil, for ever.
func (g *Goroutine) isNil() bool {
	return g.State == "chan receive (nil chan)" || g.State == "chan send (nil chan)"
}

// isUsers reports whether the user's code has part in what it does.
func (g *Goroutine) isUsers() bool {
	for _, f := range g.Stack {
		if !f.IsMachinery() && !f.IsStandard() {
			return true
		}
	}
	return !g.Created.IsZero() && !g.Created.IsMachinery() && !g.Created.IsStandard()
}

// isSystem reports whether it is one of the runtime's own.
func (g *Goroutine) isSystem() bool {
	for _, f := range g.Stack {
		if !f.IsMachinery() {
			return false
		}
	}
	return g.ID != mainID && (g.Created.IsZero() || g.Created.IsMachinery())
}
