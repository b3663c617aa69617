package finding

// Summary is what a report says before its findings.
type Summary struct {
	// Verdict is one sentence for the reader who reads only one.
	Verdict   string     `json:"verdict,omitempty"`
	Schedules []Schedule `json:"schedules,omitempty"`
	Profiles  []Profile  `json:"profiles,omitempty"`
}

// Schedule tells, for one execution trace, the two things people mix up:
// concurrency (goroutines in flight: neither finished nor idle for ever) and
// parallelism (goroutines really running at the same time).
type Schedule struct {
	Input       string `json:"input"`
	WallNanos   int64  `json:"wall_nanos"`
	MaxProcs    int    `json:"max_procs"`
	Goroutines  int    `json:"goroutines"`
	Concurrency Level  `json:"concurrency"`
	Parallelism Level  `json:"parallelism"`
	// Groups are the goroutines by the function that they started in, most time first.
	Groups []Group `json:"groups,omitempty"`
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
	RunningNanos  int64  `json:"running_nanos"`
	RunnableNanos int64  `json:"runnable_nanos"`
	IONanos       int64  `json:"io_nanos"`
	LockNanos     int64  `json:"lock_nanos"`
	SyncNanos     int64  `json:"sync_nanos"`
	Verdict       Bound  `json:"verdict"`
	Advice        string `json:"advice,omitempty"`
}

// Profile is what a sampled profile says: where the time or the goroutines are.
type Profile struct {
	Input string `json:"input"`
	Kind  string `json:"kind"`
	// Base is the profile it was compared with, "" if none.
	Base       string    `json:"base,omitempty"`
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
	BaseCount int64   `json:"base_count,omitempty"`
	BaseNanos int64   `json:"base_nanos,omitempty"`
	// Change is "new", "gone", "worse", "better" or "same".
	Change string `json:"change,omitempty"`
}
