package finding

import "time"

// Finding is one diagnosis. Two findings with the same Fingerprint are the same
// diagnosis seen twice.
type Finding struct {
	// Rule is that of the catalogue, as in RuleLockCycle.
	Rule      RuleID    `json:"rule"`
	Certainty Certainty `json:"certainty"`
	Severity  Severity  `json:"severity"`
	// Title is one line without a full stop: what is wrong, where.
	Title string `json:"title"`
	// Detail is prose for the evidence part: what was seen, in what order. May be empty.
	Detail     string      `json:"detail,omitempty"`
	Resources  []Resource  `json:"resources,omitempty"`
	Goroutines []Goroutine `json:"goroutines,omitempty"`
	// Places are the positions at fault where single goroutines do not matter
	// (contention sites, creation sites), worst first.
	Places   []Place   `json:"places,omitempty"`
	Coffman  *Coffman  `json:"coffman,omitempty"`
	Measures []Measure `json:"measures,omitempty"`
	// Pairs are which goroutines waited for which, most first, and Histograms and Series how the waits
	// were distributed and when. Any of them may be empty; they are bounded.
	Pairs      []Pair      `json:"pairs,omitempty"`
	Histograms []Histogram `json:"histograms,omitempty"`
	Series     []Series    `json:"series,omitempty"`
	// Evidence lists what supports the finding, one entry a source.
	Evidence []Evidence `json:"evidence,omitempty"`
	// Fix says what to change, in words.
	Fix         string `json:"fix"`
	Fingerprint string `json:"fingerprint"`
	// LostNanos is the goroutine time that the disease cost, in nanoseconds; 0 if
	// not measured. Findings of one severity and certainty are ordered by it.
	LostNanos int64 `json:"lost_nanos,omitempty"`
	// Change is how it stands to an earlier report, "" if it was compared with none;
	// see Report.CompareWith.
	Change Change `json:"change,omitempty"`
	// Count is how often it was seen, at least 1.
	Count int64 `json:"count"`
	// Seen are the programs and tests in which it showed, most often first, where that is
	// known; see MaxSeen.
	Seen  []Sighting `json:"seen,omitempty"`
	First time.Time  `json:"first,omitzero"`
	Last  time.Time  `json:"last,omitzero"`
}

// Evidence is one source that supports a finding: an input file, the running
// process, a profile.
type Evidence struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

// ResourceKind says what goroutines wait for.
type ResourceKind string

// The kinds of resource.
const (
	Mutex     ResourceKind = "mutex"
	RWMutex   ResourceKind = "rwmutex"
	Channel   ResourceKind = "channel"
	WaitGroup ResourceKind = "waitgroup"
	Cond      ResourceKind = "cond"
	Once      ResourceKind = "once"
	Semaphore ResourceKind = "semaphore"
	Loop      ResourceKind = "loop"
	Variable  ResourceKind = "variable"
	Processor ResourceKind = "processor"
	// Network is what comes through a connection, or a pipe of the system.
	Network ResourceKind = "network"
)

// Noun is what a sentence calls a resource of the kind, as in "RWMutex".
func (k ResourceKind) Noun() string {
	switch k {
	case RWMutex:
		return "RWMutex"
	case WaitGroup:
		return "wait group"
	case Once:
		return "Once"
	case Loop:
		return "event loop"
	}
	return string(k)
}

// Indefinite is the noun with its article, as in "an RWMutex".
func (k ResourceKind) Indefinite() string {
	switch k {
	case RWMutex:
		return "an RWMutex"
	case Once:
		return "a Once"
	}
	return Article(k.Noun())
}

// Resource is a lock, channel or the like that takes part in a finding.
type Resource struct {
	Kind ResourceKind `json:"kind"`
	// Name is what the user called it, or the expression at its acquire; may be empty.
	Name string `json:"name,omitempty"`
	// Class is where it was created or first used: resources of one class are
	// instances of the same field or variable.
	Class Frame `json:"class,omitzero"`
	// Address distinguishes instances of one run; it means nothing across runs.
	Address uint64 `json:"address,omitempty"`
}

// String returns the name if there is one, else kind and class.
func (r Resource) String() string {
	switch {
	case r.Name != "":
		return r.Name
	case !r.Class.IsZero():
		return string(r.Kind) + " of " + r.Class.String()
	}
	return string(r.Kind)
}

// Mode is how a resource is held or asked for.
type Mode string

// The modes: of a lock, of a channel, and of what else can be waited for.
const (
	Exclusive Mode = "exclusive"
	Shared    Mode = "shared"
	Send      Mode = "send"
	Receive   Mode = "receive"
	Select    Mode = "select"
	Await     Mode = "await"
)

// Goroutine is one goroutine that takes part in a finding, or one of many alike.
type Goroutine struct {
	ID    uint64 `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	State string `json:"state,omitempty"`
	// Test is the test or subtest that it belongs to, TestMain, or "init of" a package;
	// "" if not known.
	Test  string `json:"test,omitempty"`
	Holds []Hold `json:"holds,omitempty"`
	// Wait is nil for a goroutine that waits for nothing.
	Wait    *Wait `json:"wait,omitempty"`
	Stack   Stack `json:"stack,omitempty"`
	Created Frame `json:"created,omitzero"`
	// Beside says that the finding does not rest on the goroutine, which is shown for what it
	// has to do with the others: State says that.
	Beside bool `json:"beside,omitempty"`
}

// Hold says that a goroutine holds a resource since Stack.
type Hold struct {
	// Resource is an index into Finding.Resources.
	Resource int   `json:"resource"`
	Mode     Mode  `json:"mode"`
	Stack    Stack `json:"stack,omitempty"`
}

// Wait says that a goroutine waits (or, in a potential finding, would wait) for a
// resource at Stack.
type Wait struct {
	// Resource is an index into Finding.Resources.
	Resource int   `json:"resource"`
	Mode     Mode  `json:"mode"`
	Stack    Stack `json:"stack,omitempty"`
	// Nanos is how long it has waited, 0 if it did not.
	Nanos int64 `json:"wait_nanos,omitempty"`
	// Blocked says that it was seen to wait, for a time that is not known. What is uncertain
	// of the finding is something else then.
	Blocked bool `json:"blocked,omitempty"`
}

// Coffman holds the four conditions that are together necessary for a deadlock
// (Coffman, Elphick, Shoshani: System Deadlocks, Computing Surveys 3(2), 1971).
type Coffman struct {
	MutualExclusion Condition `json:"mutual_exclusion"`
	HoldAndWait     Condition `json:"hold_and_wait"`
	NoPreemption    Condition `json:"no_preemption"`
	CircularWait    Condition `json:"circular_wait"`
	// Breaks names the condition that the finding's fix removes, as in "circular wait".
	Breaks string `json:"breaks"`
}

// Condition is one of the four, with what shows that it holds.
type Condition struct {
	Holds    bool   `json:"holds"`
	Evidence string `json:"evidence"`
}

// Holds reports whether all four conditions hold.
func (c *Coffman) Holds() bool {
	return c.MutualExclusion.Holds && c.HoldAndWait.Holds && c.NoPreemption.Holds && c.CircularWait.Holds
}

// Named returns the four conditions with their names, in the order of the paper.
func (c *Coffman) Named() [4]struct {
	Name string
	Condition
} {
	type named = struct {
		Name string
		Condition
	}
	return [4]named{
		{"mutual exclusion", c.MutualExclusion},
		{"hold and wait", c.HoldAndWait},
		{"no preemption", c.NoPreemption},
		{"circular wait", c.CircularWait},
	}
}
