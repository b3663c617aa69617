package stream

// GID is a goroutine's slot; see the package comment for when it is used again.
type GID uint32

// StackID is an index into the tables' stacks.
type StackID uint32

// FrameID is an index into the tables' frames.
type FrameID uint32

// StringID is an index into the tables' strings.
type StringID uint32

// NoProc is the Proc of an event that happened on no processor.
const NoProc int32 = -1

// Kind says what an Event is. The comment of each names the fields that it
// uses beside Time, Proc and Thread.
type Kind uint8

// The kinds of event.
const (
	// Sync is a point at which every live goroutine has been seen. Arg counts them from 1.
	Sync Kind = iota
	// GoCreate: G is new, in state To. Arg is its runtime id, By and ByStack its
	// creator, Stack its first frame (the function it starts in).
	GoCreate
	// GoStatus: G existed before its first event and was in state To all the while.
	// Arg is its runtime id; Stack and Reason are set where the trace has a stack.
	GoStatus
	// GoState: G goes From → To. Reason and Stack are why and where it stopped
	// (To Waiting, Syscall or Runnable from Running). By and ByStack are the
	// goroutine that woke it (From Waiting); By is 0 if that was the runtime: a
	// timer, the network poller, the collector.
	GoState
	// GoExit: G ended in state From. Its slot is free after this event.
	GoExit
	// ProcStart and ProcStop: the processor Arg begins or ends to run goroutines.
	ProcStart
	ProcStop
	// RangeBegin and RangeEnd: a span of the runtime's work named by Range, on G if it belongs to one.
	RangeBegin
	RangeEnd
	// MaxProcs, HeapAlloc and HeapGoal are values in Arg: GOMAXPROCS, bytes, bytes.
	MaxProcs
	HeapAlloc
	HeapGoal
	// TaskBegin and TaskEnd: the user task Arg; at its begin Text is its type.
	TaskBegin
	TaskEnd
	// RegionBegin and RegionEnd: a region of type Text of task Arg on G.
	RegionBegin
	RegionEnd
	// Log: message Text in category Category of task Arg on G.
	Log
	// Label: G carries the label Text.
	Label
	// CPUSample: G was on a processor at Stack.
	CPUSample
)

// Range names the runtime's own work of RangeBegin and RangeEnd.
type Range uint8

// The ranges.
const (
	OtherRange Range = iota
	StopTheWorld
	GCMark
	GCSweep
	GCAssist
)

// Event is one thing that happened. Fields that its Kind does not name are zero.
type Event struct {
	// Time is in nanoseconds since the trace's first event.
	Time int64
	// Arg is a runtime goroutine id, processor, task or value: see Kind.
	Arg     uint64
	G       GID
	By      GID
	Stack   StackID
	ByStack StackID
	// Text and Category are set for the annotation kinds only.
	Text     StringID
	Category StringID
	Proc     int32
	Thread   uint32
	Kind     Kind
	From     State
	To       State
	Reason   Reason
	Range    Range
}
