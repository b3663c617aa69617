package snapshot

import (
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// SchemaVersion is the version of the JSON form; fields may be added without a new one.
const SchemaVersion = 1

// Snapshot is the agent's state at one moment. The caller owns it.
type Snapshot struct {
	Schema int       `json:"schema"`
	Taken  time.Time `json:"taken"`
	// Detecting is false where detection was switched off, or gave up.
	Detecting bool `json:"detecting"`
	// Statistics says that hold and wait times are measured at this moment.
	Statistics bool `json:"statistics"`
	// Since is when they were last switched on; zero: never.
	Since time.Time `json:"statistics_since,omitzero"`
	// Stacks says that Goroutine.Stack was taken; Note says why not.
	Stacks bool   `json:"stacks"`
	Note   string `json:"note,omitempty"`
	// PauseNanos is for about how long the program was stopped to take them.
	PauseNanos int64 `json:"pause_nanos,omitempty"`
	// Resources are what Goroutines hold or wait for.
	Resources []Resource `json:"resources"`
	// Goroutines are those that hold or wait for something, by id.
	Goroutines []Goroutine `json:"goroutines"`
	// Unread counts goroutines whose holds changed too fast to be read.
	Unread int `json:"unread_goroutines_count"`
	// Classes are the classes of locks that are known, in the order in which they
	// became so; Class.ID is the index.
	Classes []Class `json:"classes"`
	// Edges say which classes were asked for under which.
	Edges []Edge `json:"edges"`
	// WaitSites are the places that waited for locks while statistics were on.
	WaitSites []WaitSite        `json:"wait_sites"`
	Findings  []finding.Finding `json:"findings"`
	Counters  Counters          `json:"counters"`
}

// New returns an empty snapshot of the current schema.
func New(taken time.Time) *Snapshot {
	return &Snapshot{
		Schema: SchemaVersion, Taken: taken,
		Resources: []Resource{}, Goroutines: []Goroutine{}, Classes: []Class{},
		Edges: []Edge{}, WaitSites: []WaitSite{}, Findings: []finding.Finding{},
	}
}

// Resource is one lock, channel or the like.
type Resource struct {
	finding.Resource
	// ClassID is an index into Snapshot.Classes, -1 for what is no lock.
	ClassID int `json:"class_id"`
	// Semaphore says that the lock was once released by another goroutine than its holder.
	Semaphore bool `json:"semaphore,omitempty"`
}

// Ended is the State of a goroutine that has ended with locks in its hands.
const Ended = "ended"

// Goroutine holds or waits for something.
type Goroutine struct {
	ID uint64 `json:"id"`
	// Name is what agent.Do calls it, empty if nothing.
	Name string `json:"name,omitempty"`
	// State is the runtime's word for what it does, Ended if it is gone; empty if stacks
	// were not taken.
	State   string        `json:"state,omitempty"`
	Holds   []Hold        `json:"holds,omitempty"`
	Wait    *Wait         `json:"wait,omitempty"`
	Stack   finding.Stack `json:"stack,omitempty"`
	Created finding.Frame `json:"created,omitzero"`
	// Parent created it; 0 if unknown.
	Parent uint64 `json:"parent,omitempty"`
}

// Hold says that a goroutine holds a lock, or runs the function of a Once, or, in mode
// finding.Await, that it owes a Done to a wait group since it was started under a lock.
type Hold struct {
	// Resource is an index into Snapshot.Resources.
	Resource int          `json:"resource"`
	Mode     finding.Mode `json:"mode"`
	// Stack is where it was taken.
	Stack finding.Stack `json:"stack,omitempty"`
	// Nanos is for how long, 0 if unknown: statistics were off at the acquire.
	Nanos int64 `json:"held_nanos,omitempty"`
}

// Wait says what a goroutine waits for.
type Wait struct {
	// Op is "lock", "send", "receive" and so on.
	Op string `json:"op"`
	// Mode is that of a lock.
	Mode finding.Mode `json:"mode,omitempty"`
	// Resources are indexes into Snapshot.Resources: one, or several for a select.
	Resources []int         `json:"resources"`
	Stack     finding.Stack `json:"stack,omitempty"`
	// Nanos is for how long, 0 if unknown: statistics were off when it began.
	Nanos int64 `json:"wait_nanos,omitempty"`
	// For are the goroutines that hold what is waited for, in a mode that keeps the
	// waiting one out; for a reader that only readers precede, the writers that wait.
	For []uint64 `json:"waits_for,omitempty"`
	// Partners are the living goroutines that have used the side of a channel, wait group
	// or condition which would end the wait. Others may do so too.
	Partners []uint64 `json:"partners,omitempty"`
}

// Class is all locks that were first taken at one line, or that have one name.
type Class struct {
	ID   int                  `json:"id"`
	Kind finding.ResourceKind `json:"kind"`
	Name string               `json:"name,omitempty"`
	Site finding.Frame        `json:"site,omitzero"`
	// Held and Read are the exclusive and the shared holds that were measured.
	Held Times `json:"held"`
	Read Times `json:"read"`
	// Waits are the acquires that had to wait.
	Waits Times `json:"waits"`
}

// Acquired is how many acquires were measured to their end.
func (c Class) Acquired() uint64 { return c.Held.Count + c.Read.Count }

// String returns the name if there is one, else kind and line.
func (c Class) String() string {
	return finding.Resource{Kind: c.Kind, Name: c.Name, Class: c.Site}.String()
}

// Times are measured intervals, in nanoseconds. Quantiles are right to a sixteenth.
type Times struct {
	Count    uint64 `json:"count"`
	SumNanos int64  `json:"sum_nanos"`
	P50Nanos int64  `json:"p50_nanos"`
	P99Nanos int64  `json:"p99_nanos"`
	MaxNanos int64  `json:"max_nanos"`
	// Longest is where the longest one was: the stack that took or wanted the lock.
	Longest *Longest `json:"longest,omitempty"`
	// Buckets count the intervals by length, in order, without the empty ones.
	Buckets []Bucket `json:"buckets,omitempty"`
}

// Bucket counts intervals of up to UpToNanos, and longer than the bucket before.
type Bucket struct {
	UpToNanos int64  `json:"up_to_nanos"`
	Count     uint64 `json:"count"`
}

// Longest is the longest interval of a class.
type Longest struct {
	Goroutine uint64        `json:"goroutine"`
	Ended     time.Time     `json:"ended"`
	Stack     finding.Stack `json:"stack"`
}

// Edge says that a lock of class To was asked for under one of class From.
type Edge struct {
	// From and To are indexes into Snapshot.Classes. They are equal where locks of
	// one class are nested.
	From int `json:"from"`
	To   int `json:"to"`
	// Count is how many different ways were seen: a way is a goroutine with a
	// sequence of locks, until a few have it, and until the order of the two classes
	// is established.
	Count uint64 `json:"count"`
	// Held is where the first lock was taken and Asked where the second was asked
	// for, the first time.
	Held  finding.Stack `json:"held"`
	Asked finding.Stack `json:"asked"`
	// Cyclic says that the classes are also acquired in the opposite order, possibly by
	// way of others. It is no finding yet: the instances may differ.
	Cyclic bool `json:"cyclic,omitempty"`
}

// WaitSite sums up the waits of one stack for locks of one class.
type WaitSite struct {
	ClassID  int           `json:"class_id"`
	Stack    finding.Stack `json:"stack"`
	Count    uint64        `json:"count"`
	SumNanos int64         `json:"sum_nanos"`
}

// Counters count what the agent itself does.
type Counters struct {
	// Goroutines is how many the process has.
	Goroutines int `json:"goroutines_count"`
	// States is how many goroutines the agent keeps state for: the most that used
	// its types and were alive at once.
	States int `json:"states_count"`
	// GraphLocks and GraphDependencies are the size of the lock-order graph, Dropped
	// the dependencies that had to make room for younger ones.
	GraphLocks        int    `json:"graph_locks_count"`
	GraphDependencies int    `json:"graph_dependencies_count"`
	Dropped           uint64 `json:"dropped_dependencies_count"`
	// CutSearches counts searches for cycles that were given up as too long.
	CutSearches uint64 `json:"cut_searches_count"`
	// DroppedEdges and DroppedSites count what found no room in Edges and WaitSites.
	DroppedEdges uint64 `json:"dropped_edges_count"`
	DroppedSites uint64 `json:"dropped_wait_sites_count"`
	// Bytes is about what the agent's tables take.
	Bytes int64 `json:"bytes"`
}
