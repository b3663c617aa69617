package format

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// Result takes what readers find.
type Result struct {
	// Report takes the input, and what was found without looking at other inputs.
	Report *finding.Report
	// Counts are what is compared with an earlier one of its kind, and judged when all
	// inputs have been read.
	Counts []Counted
	// Watches are the processes that were watched for a time.
	Watches []*Watch
}

// Watch is what is known about a process that was watched for a time.
type Watch struct {
	// Nanos is how long that was.
	Nanos int64
	// At says where each goroutine waits that did not move meanwhile, by its id.
	At map[uint64]finding.Frame
}

// Context is what is known when all inputs have been read.
type Context struct {
	// Base is what an input is compared with, nil if there is nothing.
	Base *profile.Profile
	// Watches are those of all inputs, possibly of other processes.
	Watches []*Watch
}

// Counted is an input that counts by places in the code: a profile, or the goroutines of
// a dump.
type Counted struct {
	*profile.Profile
	// Cause is what made a process write it, "" if it was asked to.
	Cause string
	// Brief says that its places are worth a list only where there is one to compare with.
	Brief bool
	// Judge returns the findings.
	Judge func(Context) []finding.Finding
}

// AddInput says in the report what was read.
func (r *Result) AddInput(in finding.Input) { r.Report.Inputs = append(r.Report.Inputs, in) }

// AddCounts adds what is judged later.
func (r *Result) AddCounts(c Counted) { r.Counts = append(r.Counts, c) }
