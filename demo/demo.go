package demo

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Program is a demo's code, run once.
type Program func(*Stage)

// Demo is one disease with its healthy twins.
type Demo struct {
	Name string
	// Title says in one line what is wrong with the program.
	Title string
	// Story says what to expect and why, in a few lines.
	Story string
	// Source is the file to read, relative to the repository.
	Source string
	// UsesLocks says that the demo can run with each kind of mutex.
	UsesLocks bool
	// Hangs says that the disease does not end by itself.
	Hangs bool
	// Instant says that the healthy program is over within a millisecond or so. Of so
	// short a run every wait is a large share, above all on a busy machine, so its
	// twins are not judged by the rules of the contention family.
	Instant bool
	// RaceBuild says that the detection takes a build under the race detector.
	RaceBuild bool
	// Symptom names a measure that must be above zero for the disease and zero for
	// every twin; "" if there is none.
	Symptom string
	Expect  Expectation
	Sick    Program
	Twins   []Twin
}

// Twin is a healthy program that does what the sick one should.
type Twin struct {
	Name string
	Run  Program
}

// Means says what a finding was made from.
type Means string

// The means of detection.
const (
	ByAgent            Means = "agent"
	ByTrace            Means = "trace"
	ByRaceLog          Means = "race detector log"
	ByMutexProfile     Means = "mutex profile"
	ByBlockProfile     Means = "block profile"
	ByGoroutineProfile Means = "goroutine profile"
)

// Expectation declares the finding that a disease must give. It is what results
// are compared with, and never shown as one.
type Expectation struct {
	Rule      finding.RuleID
	Certainty finding.Certainty
	By        Means
	// Where is a function, as finding.Frame.ShortFunc writes it, in which one of
	// the finding's places, holds or waits must be.
	Where string
	// Resources is how many resources the finding must name; 0 is any number.
	Resources int
}

// matches reports whether the sighting is what was expected.
func (e Expectation) matches(s Sighting) bool {
	f := &s.Finding
	return f.Rule == e.Rule && f.Certainty == e.Certainty && s.By == e.By &&
		(e.Resources == 0 || e.Resources == len(f.Resources)) &&
		slices.ContainsFunc(sites(f), func(at finding.Frame) bool { return at.ShortFunc() == e.Where })
}

// sites returns the lines of user code that a finding points at.
func sites(f *finding.Finding) []finding.Frame {
	var at []finding.Frame
	for _, p := range f.Places {
		at = append(at, p.Stack.User())
	}
	for _, g := range f.Goroutines {
		for _, h := range g.Holds {
			at = append(at, h.Stack.User())
		}
		if g.Wait != nil {
			at = append(at, g.Wait.Stack.User())
		}
		if len(g.Stack) > 0 {
			at = append(at, g.Stack.User())
		}
	}
	return at
}

// Lookup returns the demo of that name, and whether there is one.
func Lookup(name string) (*Demo, bool) {
	all := Catalogue()
	i := slices.IndexFunc(all, func(d *Demo) bool { return d.Name == name })
	if i < 0 {
		return nil, false
	}
	return all[i], true
}
