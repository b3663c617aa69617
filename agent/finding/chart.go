package finding

// Series is a quantity over the time of a run, in steps of equal length.
type Series struct {
	Name string `json:"name"`
	Unit Unit   `json:"unit"`
	// StepNanos is the length of a step. The last step may be cut off by the run's end.
	StepNanos int64 `json:"step_nanos"`
	// Values are the mean of each step for a level ("running"), the sum of each step for
	// an amount ("waits"), and the greatest of each step for an extreme ("longest
	// iteration"). There are 256 at most.
	Values []float64 `json:"values"`
}

// Histogram shows how durations are distributed.
type Histogram struct {
	Name string `json:"name"`
	// Bounds are the lower ends of the buckets in nanoseconds, ascending; each is the
	// upper end of the bucket before. The last bucket ends at MaxNanos.
	Bounds   []int64 `json:"bounds_nanos"`
	Counts   []int64 `json:"counts"`
	MaxNanos int64   `json:"max_nanos"`
}

// Pair says how long goroutines at one place waited for those at another.
type Pair struct {
	// Waiter is where they waited.
	Waiter Stack `json:"waiter"`
	// Blamed is what made them wait, as a rule where it ended: an unlock, a send. It is
	// empty for the time in which the next one had been woken and had no processor.
	Blamed Stack `json:"blamed,omitempty"`
	// Nanos is goroutine time, Count the number of waits that it is part of.
	Nanos int64 `json:"wait_nanos"`
	Count int64 `json:"count"`
}
