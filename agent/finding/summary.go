package finding

// Summary is what a report says before its findings.
type Summary struct {
	// Verdict is one sentence for the reader who reads only one.
	Verdict   string     `json:"verdict,omitempty"`
	Schedules []Schedule `json:"schedules,omitempty"`
	Profiles  []Profile  `json:"profiles,omitempty"`
}

// Schedule gives, for one execution trace, the two things people mix up:
// concurrency (goroutines in flight: neither finished nor idle forever) and
// parallelism (goroutines really running at the same time).
type Schedule struct {
	Input       string `json:"input"`
	WallNanos   int64  `json:"wall_nanos"`
	MaxProcs    int    `json:"max_procs"`
	Goroutines  int    `json:"goroutines"`
	Concurrency Level  `json:"concurrency"`
	Parallelism Level  `json:"parallelism"`
	// Latency is how long goroutines that were ready waited for a processor.
	Latency Latency `json:"latency,omitzero"`
	// OnCore is the share of the running goroutines' time in which they really had a core
	// of the system's, as the CPU samples in the trace show; 0 without enough samples.
	OnCore float64 `json:"on_core,omitempty"`
	// Groups are the goroutines by the function that they started in, most time first.
	Groups []Group `json:"groups,omitempty"`
	// Timeline has one series a quantity ("in flight", "running", "ready", "waiting for
	// locks"), all with the same step.
	Timeline []Series `json:"timeline,omitempty"`
	// Blocked are the stacks that waited, most time first: what a flame graph of
	// blocked time is made of. It is bounded; BlockedNanos is the sum of all.
	Blocked      []Blocked `json:"blocked,omitempty"`
	BlockedNanos int64     `json:"blocked_nanos,omitempty"`
	// Waits are the waits of goroutines for one another other than at locks (channels,
	// wait groups, conds), by kind, most time first.
	Waits []WaitKind `json:"waits,omitempty"`
	// Locks are the waits at locks, by kind, most time first: those of the findings and
	// all that were too short for one.
	Locks []WaitKind `json:"locks,omitempty"`
	// Loops are the event loops, ill or not, the busiest first; bounded.
	Loops []EventLoop `json:"loops,omitempty"`
	// Interference is what the runtime's own work took from the program.
	Interference Interference `json:"interference,omitzero"`
	// Paths are critical paths: of the whole trace, and of each region asked for.
	Paths []Path `json:"paths,omitempty"`
	// Regions are the user's own regions and tasks by name, most time first.
	Regions []Region `json:"regions,omitempty"`
	// Logs are the messages that the program wrote into its trace, by category.
	Logs []LogCategory `json:"logs,omitempty"`
}

// Blocked is what one stack waited.
type Blocked struct {
	Stack Stack `json:"stack"`
	// Reason is what for: "mutex", "channel receive", "network", "sleep".
	Reason string `json:"reason"`
	Nanos  int64  `json:"wait_nanos"`
	Count  int64  `json:"count"`
}

// WaitKind is the waits of one kind: "channel receive", "wait group", "mutex".
type WaitKind struct {
	Reason string `json:"reason"`
	// Nanos is goroutine time from the park until it ran again, Count the number of waits.
	Nanos    int64 `json:"wait_nanos"`
	Count    int64 `json:"count"`
	P50Nanos int64 `json:"p50_nanos"`
	P95Nanos int64 `json:"p95_nanos"`
	MaxNanos int64 `json:"max_nanos"`
	// Pairs are which goroutines waited for which until the wake, most time first; bounded.
	Pairs []Pair `json:"pairs,omitempty"`
}

// EventLoop is a goroutine that waits for events again and again at one line.
type EventLoop struct {
	// Name is the program's own, as agent.Loop gives it. It is empty where that it is a
	// loop was inferred: Home is then the line at which it waits.
	Name string `json:"name,omitempty"`
	Home Frame  `json:"home,omitzero"`
	// Iterations counts the times that it was away from home, Busy is the share of its
	// time that they took.
	Iterations int64   `json:"iterations"`
	Busy       float64 `json:"busy"`
	P50Nanos   int64   `json:"p50_nanos"`
	P99Nanos   int64   `json:"p99_nanos"`
	MaxNanos   int64   `json:"max_nanos"`
	// Timeline has the longest iteration that ended in each step, how many did, and the
	// share of the step in which it was away, all with the schedule's step.
	Timeline []Series `json:"timeline,omitempty"`
}

// Interference is time that the runtime took for itself.
type Interference struct {
	// Collections counts the collector's cycles; MarkNanos is wall time in which one
	// was marking, AssistNanos goroutine time that user goroutines marked themselves,
	// SweepNanos that they swept.
	Collections int64 `json:"collections,omitempty"`
	MarkNanos   int64 `json:"mark_nanos,omitempty"`
	AssistNanos int64 `json:"assist_nanos,omitempty"`
	SweepNanos  int64 `json:"sweep_nanos,omitempty"`
	// Stops counts times the world stopped; StopNanos is their sum.
	Stops        int64 `json:"stops,omitempty"`
	StopNanos    int64 `json:"stop_nanos,omitempty"`
	MaxStopNanos int64 `json:"max_stop_nanos,omitempty"`
}

// Path is a critical path: the chain of work and waits that decided how long
// something took. What is not on it may take longer without being noticed.
type Path struct {
	// Of is the region or task that it is the path of, "" for the whole trace.
	Of string `json:"of,omitempty"`
	// Count is how many instances were followed; Nanos is their summed length.
	Count int64      `json:"count"`
	Nanos int64      `json:"nanos"`
	Parts []PathPart `json:"parts"`
}

// PathPart is the time that a critical path spent in one group of goroutines in one state.
type PathPart struct {
	// Entry is the function that the goroutines started in.
	Entry Frame `json:"entry"`
	// State is "running", "ready", or what was waited for: "sleep", "network".
	State string `json:"state"`
	Nanos int64  `json:"nanos"`
}

// Region is what the instances of one user region or task came to.
type Region struct {
	Name string `json:"name"`
	// Task says that it is a task's type; a task may span goroutines.
	Task  bool  `json:"task,omitempty"`
	Count int64 `json:"count"`
	// Unfinished of them were not over when the trace ended.
	Unfinished int64 `json:"unfinished,omitempty"`
	Nanos      int64 `json:"nanos"`
	P50Nanos   int64 `json:"p50_nanos"`
	P99Nanos   int64 `json:"p99_nanos"`
	MaxNanos   int64 `json:"max_nanos"`
	// RunningNanos and so on are what its goroutines did inside; all 0 for a task.
	RunningNanos  int64 `json:"running_nanos,omitempty"`
	RunnableNanos int64 `json:"runnable_nanos,omitempty"`
	IONanos       int64 `json:"io_nanos,omitempty"`
	LockNanos     int64 `json:"lock_nanos,omitempty"`
	SyncNanos     int64 `json:"sync_nanos,omitempty"`
}

// LogCategory is the user's log messages of one category.
type LogCategory struct {
	Category string `json:"category"`
	Count    int64  `json:"count"`
	// Messages are the first few different ones.
	Messages []string `json:"messages,omitempty"`
}

// Latency is a distribution of delays.
type Latency struct {
	Count    int64 `json:"count"`
	Nanos    int64 `json:"nanos"`
	P50Nanos int64 `json:"p50_nanos"`
	P95Nanos int64 `json:"p95_nanos"`
	P99Nanos int64 `json:"p99_nanos"`
	MaxNanos int64 `json:"max_nanos"`
}

// Level is a quantity over time: time-weighted mean and maximum.
type Level struct {
	Mean float64 `json:"mean"`
	Max  int     `json:"max"`
}

// Bound says what a group of goroutines spends its time on.
type Bound string

// The verdicts of a group.
const (
	CPUBound   Bound = "CPU-bound"   // mostly running
	IOBound    Bound = "I/O-bound"   // mostly waiting for the network, system calls or timers
	LockBound  Bound = "lock-bound"  // mostly waiting for locks
	SyncBound  Bound = "sync-bound"  // mostly waiting for other goroutines: channels, wait groups, conds
	CPUStarved Bound = "CPU-starved" // mostly runnable, waiting for a processor
)

// Group is the goroutines that started in one function. The four shares are of
// the group's total lifetime and sum to 1 with the rest (creation, GC assist and
// the like); LifeNanos is that total.
type Group struct {
	Entry     Frame `json:"entry"`
	Created   Frame `json:"created,omitzero"`
	Count     int   `json:"count"`
	LifeNanos int64 `json:"life_nanos"`
	// RunningNanos and so on are goroutine time, summed over the group.
	RunningNanos  int64 `json:"running_nanos"`
	RunnableNanos int64 `json:"runnable_nanos"`
	IONanos       int64 `json:"io_nanos"`
	LockNanos     int64 `json:"lock_nanos"`
	SyncNanos     int64 `json:"sync_nanos"`
	// Verdict is empty where most of the time went to waits that the trace does not name.
	Verdict Bound  `json:"verdict"`
	Advice  string `json:"advice,omitempty"`
}

// Profile is what a sampled profile says: where the time or the goroutines are.
type Profile struct {
	Input string `json:"input"`
	Kind  string `json:"kind"`
	// Base is the profile it was compared with, "" if none.
	Base string `json:"base,omitempty"`
	// Cause is why a goroutine dump was written, as in "SIGQUIT: quit"; may be empty.
	Cause      string    `json:"cause,omitempty"`
	TotalCount int64     `json:"total_count"`
	TotalNanos int64     `json:"total_nanos,omitempty"`
	Hotspots   []Hotspot `json:"hotspots,omitempty"`
	// Runtime are the runtime's internal locks, which user code cannot shrink directly.
	Runtime []Hotspot `json:"runtime,omitempty"`
}

// Hotspot is one place of a profile. Share is of the profile's total; the Base
// fields and Change are set only where two profiles were compared.
type Hotspot struct {
	// Role is what was waited for there: "mutex", "channel receive", "select".
	Role      string  `json:"role,omitempty"`
	Stack     Stack   `json:"stack"`
	Share     float64 `json:"share"`
	Count     int64   `json:"count"`
	Nanos     int64   `json:"nanos,omitempty"`
	MeanNanos int64   `json:"mean_nanos,omitempty"`
	// OldestMinutes is the longest wait there in whole minutes, as goroutine dumps give it.
	OldestMinutes int64 `json:"oldest_minutes,omitempty"`
	BaseCount     int64 `json:"base_count,omitempty"`
	BaseNanos     int64 `json:"base_nanos,omitempty"`
	// Change is "new", "gone", "worse", "better" or "same".
	Change string `json:"change,omitempty"`
}
