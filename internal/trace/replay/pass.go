package replay

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// Pass is one family of checks. Functions may be nil.
type Pass struct {
	Name string
	// States are the states of which Span wants spans.
	States stream.StateSet
	Span   func(*Span)
	// LongCalls is how long a stay in a system call must be, in nanoseconds, for Span to
	// want it: most are short.
	LongCalls int64
	// Create is called when a goroutine is first seen, created or already alive.
	Create func(*Goroutine)
	// Exit is called when a goroutine ends, after its last span.
	Exit func(*Goroutine)
	// Open is called at the end for each stay that the trace cut off, in any state.
	Open func(*Span)
	// Event is called for every event before its effects, spans included.
	Event func(*stream.Event)
	// Change is Event for the change of a known goroutine's state, which is what most
	// events are and most passes ask for.
	Change func(*Goroutine, *stream.Event)
	// To are the states into which Change wants to see goroutines go; 0 means all.
	To stream.StateSet
	// Elapse is called before the crowd changes, with the time in nanoseconds in which it
	// was as it is.
	Elapse func(nanos int64)
	// Other is Event for what is not a goroutine's birth, death or change of state:
	// annotations, the collector, GOMAXPROCS.
	Other func(*stream.Event)
	// Finish writes the findings.
	Finish func(*finding.Report)
}

// Span is one stay of a goroutine in a state.
type Span struct {
	G     *Goroutine
	State stream.State
	// Share is what the stay counts as.
	Share Share
	// Reason is why it was not running. For a Runnable span it is the reason of
	// the stop before (Mutex after a wait for a mutex, Preempted, Created); for a
	// Running span the reason of the stop that ended it (0 at exit).
	Reason stream.Reason
	// Start and End are nanoseconds since the trace's start.
	Start, End int64
	// Since is Start, but for a Runnable span the beginning of the stay before it if
	// that was Waiting or Syscall: End-Since is the whole delay.
	Since int64
	// Stack is where it stopped: of the stop before a Runnable span, of the stop that
	// ended a Running one. 0 if the trace has none.
	Stack stream.StackID
	// Waker ended a Waiting span, WakerStack is what it did (unlock, send). Nil if it
	// was the runtime (timer, network), and in every other state.
	Waker      *Goroutine
	WakerStack stream.StackID
	// FromStart says that the stay began before the trace, at an unknown time.
	FromStart bool
}

// Nanos returns the length of the stay.
func (s *Span) Nanos() int64 { return s.End - s.Start }
