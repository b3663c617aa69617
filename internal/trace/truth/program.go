package truth

import (
	"encoding/json"
	"sync"

	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Program is a program of known behaviour.
type Program struct {
	Name string
	// Procs is its GOMAXPROCS; 0 is 2.
	Procs int
	// Regions are those whose critical path is asked for.
	Regions []string
	// Before runs before the trace begins; nil for nothing.
	Before func()
	Run    func(*Journal)
	// Figures compares what was said with what was.
	Figures func(*Outcome) []Figure
}

// Programs returns all programs, family by family.
func Programs() []Program {
	var all []Program
	for _, family := range [...]func() []Program{mutexPrograms, rwPrograms, shapePrograms, pipelinePrograms, pathPrograms, loopPrograms, leakPrograms, stuckPrograms, totalPrograms, schedulePrograms} {
		all = append(all, family()...)
	}
	return all
}

// Journal is what a program notes of itself. Several goroutines may write to it.
type Journal struct {
	mu sync.Mutex
	// values and texts are guarded by mu.
	values map[string]float64
}

// Set notes a value, as a rule nanoseconds or a count.
func (j *Journal) Set(name string, value float64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.values == nil {
		j.values = make(map[string]float64)
	}
	j.values[name] = value
}

// Add adds to a value, 0 at first.
func (j *Journal) Add(name string, value float64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.values == nil {
		j.values = make(map[string]float64)
	}
	j.values[name] += value
}

// MarshalJSON writes the values.
func (j *Journal) MarshalJSON() ([]byte, error) { return json.Marshal(j.values) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (j *Journal) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &j.values) }

// Outcome is one run of a program with what was said of it.
type Outcome struct {
	Journal Journal
	Report  *finding.Report
	// Block and Mutex are the run's profiles.
	Block, Mutex *profile.Profile
}

// Truth returns a value of the journal, 0 if there is none.
func (o *Outcome) Truth(name string) float64 { return o.Journal.values[name] }
