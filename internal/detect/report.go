package detect

import (
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// sink is where findings leave the engine. Its callers hold no lock of ours.
type sink struct{ policy.Sink }

// report takes a new finding.
func (s *sink) report(f finding.Finding) {
	for i := range f.Goroutines {
		f.Goroutines[i].Name = std.names.of(f.Goroutines[i].ID)
	}
	s.Report(f)
}

// diagnosis is what a graph has found. It becomes a finding outside the lock of the graph.
type diagnosis interface{ Finding() finding.Finding }

// diagnosisOf is a cycle as a diagnosis.
func diagnosisOf(c lockorder.Cycle[*site]) diagnosis {
	if c.Apart {
		return apartCycle{cycle.Cycle[*site]{Cycle: c}}
	}
	return cycle.Cycle[*site]{Cycle: c}
}

// optional is a diagnosis that is reported only if the options ask for it.
type optional interface {
	isAskedFor(*policy.Options) bool
}

// diagnose reports what a graph has found.
func (s *sink) diagnose(found []diagnosis) {
	for _, d := range found {
		if o, ok := d.(optional); !ok || o.isAskedFor(s.Options()) {
			s.report(d.Finding())
		}
	}
}

// patience is how long a goroutine must have been blocked before it is examined.
func (s *sink) patience() time.Duration { return s.Options().SelfWait }
