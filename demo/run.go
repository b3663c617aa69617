package demo

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Run is what one execution of a program gave. All of it was measured.
type Run struct {
	Demo *Demo
	// Variant is the twin's name, "" for the disease.
	Variant string
	Locks   Locks
	// Ended says that the program returned by itself, after Wall. If not, the
	// driver ended it after Wall.
	Ended bool
	Wall  time.Duration
	// Sightings are the findings, in the order of finding.Compare within each means.
	Sightings []Sighting
	Marks     []Mark
	// Peer is what go-deadlock reported.
	Peer     []Mark
	Measures []finding.Measure
	// Schedule is nil if no trace was taken or it could not be read.
	Schedule *finding.Schedule
	// Stderr is what the program wrote there, as in a crash.
	Stderr string
}

// Sighting is a finding with what it was made from.
type Sighting struct {
	By Means
	// Also is what says the same.
	Also    []Means
	Finding finding.Finding
	// At is when the agent made it, since the program's start; 0 for findings that
	// were made from files afterwards.
	At time.Duration
}

// Mark is something that happened at a time since the program's start.
type Mark struct {
	Text string
	At   time.Duration
}

// Loud returns the sightings of severity warning or above: what a twin must not
// have, since information is not a diagnosis. See also Demo.Instant.
func (r *Run) Loud() []Sighting {
	return slices.DeleteFunc(slices.Clone(r.Sightings), func(s Sighting) bool {
		rule, _ := finding.LookupRule(s.Finding.Rule)
		return s.Finding.Severity < finding.Warning || r.Demo.Instant && rule.Family == finding.FamilyContention
	})
}

// Measure returns what the program measured under that name, and whether it did.
func (r *Run) Measure(name string) (finding.Measure, bool) {
	i := slices.IndexFunc(r.Measures, func(m finding.Measure) bool { return m.Name == name })
	if i < 0 {
		return finding.Measure{}, false
	}
	return r.Measures[i], true
}

// Since returns how long after the last mark before it t was, and that mark's
// text; the program's start is the first mark.
func (r *Run) Since(t time.Duration) (time.Duration, string) {
	last := Mark{Text: "the start"}
	for _, m := range r.Marks {
		if m.At <= t {
			last = m
		}
	}
	return t - last.At, last.Text
}
