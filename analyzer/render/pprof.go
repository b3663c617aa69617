package render

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// The values of a sample, in the order of pprofTypes.
const (
	waitCount = iota
	waitNanos
	blameNanos
	pprofValues
)

// pprofTypes are what go tool pprof -sample_index chooses from.
var pprofTypes = [pprofValues]*profile.ValueType{
	waitCount:  {Type: "waits", Unit: "count"},
	waitNanos:  {Type: "blocked", Unit: "nanoseconds"},
	blameNanos: {Type: "blame", Unit: "nanoseconds"},
}

// writePprof writes where goroutines waited and what made them wait, for go tool
// pprof. Blocked time stands at the stacks that waited, blame at those that ended the
// holds that others waited for. Traces know both; without a trace, block
// profiles know the first and mutex profiles, which charge the unlock, the second.
func writePprof(w io.Writer, r *finding.Report, _ Options) error {
	b := pprofBuilder{
		prof:      &profile.Profile{SampleType: pprofTypes[:], DefaultSampleType: pprofTypes[waitNanos].Type},
		functions: make(map[finding.Frame]*profile.Function),
		locations: make(map[finding.Frame]*profile.Location),
	}
	for i := range r.Summary.Schedules {
		b.trace(&r.Summary.Schedules[i])
	}
	for i := range r.Findings {
		if !b.tellsLocks {
			b.blame(&r.Findings[i])
		}
	}
	for i := range r.Summary.Profiles {
		b.profile(&r.Summary.Profiles[i])
	}
	if len(b.prof.Sample) == 0 {
		b.prof.Comments = append(b.prof.Comments, "the report tells of no blocked time: it was made of no trace and no block or mutex profile")
	}
	if err := b.prof.Write(w); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	return nil
}

// pprofBuilder gathers the samples.
type pprofBuilder struct {
	prof             *profile.Profile
	functions        map[finding.Frame]*profile.Function // by function and file
	locations        map[finding.Frame]*profile.Location
	timed, blameable bool // a trace gave that value
	tellsLocks       bool // a trace covers all its locks
}

func (b *pprofBuilder) trace(s *finding.Schedule) {
	b.prof.DurationNanos += s.WallNanos
	var told int64
	for _, blocked := range s.Blocked {
		b.sample(blocked.Stack, labels(blocked.Reason, s.Input), [pprofValues]int64{waitCount: blocked.Count, waitNanos: blocked.Nanos})
		b.timed = true
		told += blocked.Nanos
	}
	if rest := s.BlockedNanos - told; rest > 0 {
		b.sample(minor, labels("several", s.Input), [pprofValues]int64{waitNanos: rest})
	}
	for i := range s.Locks {
		b.tellsLocks = true
		b.locks(&s.Locks[i], s.Input)
	}
}

// minor stands for the stacks that a report does not list one by one, so that the sum is
// that of the trace.
var minor = finding.Stack{{Func: "(minor stacks)"}}

// locks takes what is to blame for the waits at one kind of lock. The rest of its waits has
// no holder to blame: the next one was woken and had no processor, or the lock was not
// unlocked when the trace ended.
func (b *pprofBuilder) locks(kind *finding.WaitKind, input string) {
	for _, p := range kind.Pairs {
		if len(p.Blamed) > 0 {
			b.sample(p.Blamed, labels(kind.Reason, input), [pprofValues]int64{blameNanos: p.Nanos})
			b.blameable = true
		}
	}
}

// blame takes one finding a lock, of a report whose traces do not cover all locks:
// others cover the same waits.
func (b *pprofBuilder) blame(f *finding.Finding) {
	if f.Rule != finding.RuleContention {
		return
	}
	reason := ""
	if len(f.Resources) > 0 {
		reason = string(f.Resources[0].Kind)
	}
	input := ""
	if len(f.Evidence) > 0 {
		input = f.Evidence[0].Source
	}
	for _, p := range f.Pairs {
		if len(p.Blamed) > 0 {
			b.sample(p.Blamed, labels(reason, input), [pprofValues]int64{blameNanos: p.Nanos})
			b.blameable = true
		}
	}
}

func (b *pprofBuilder) profile(p *finding.Profile) {
	block, mutex := strings.HasPrefix(p.Kind, "block"), strings.HasPrefix(p.Kind, "mutex")
	for _, h := range p.Hotspots {
		switch {
		case h.Change == gone:
		case block && !b.timed:
			b.sample(h.Stack, labels(h.Role, p.Input), [pprofValues]int64{waitCount: h.Count, waitNanos: h.Nanos})
		case mutex && !b.blameable:
			b.sample(h.Stack, labels(h.Role, p.Input), [pprofValues]int64{blameNanos: h.Nanos})
		}
	}
}

func labels(reason, input string) map[string]string {
	return map[string]string{"reason": reason, "input": input}
}

// sample adds a stack with its labels, of which empty ones are left out.
func (b *pprofBuilder) sample(stack finding.Stack, labels map[string]string, values [pprofValues]int64) {
	s := &profile.Sample{Value: values[:], Label: map[string][]string{}}
	for _, frame := range stack {
		s.Location = append(s.Location, b.location(frame))
	}
	for label, value := range labels {
		if value != "" {
			s.Label[label] = []string{value}
		}
	}
	b.prof.Sample = append(b.prof.Sample, s)
}

func (b *pprofBuilder) location(frame finding.Frame) *profile.Location {
	if l, known := b.locations[frame]; known {
		return l
	}
	l := &profile.Location{
		ID: uint64(len(b.prof.Location) + 1), Line: []profile.Line{{Function: b.function(frame), Line: int64(frame.Line)}},
	}
	b.locations[frame] = l
	b.prof.Location = append(b.prof.Location, l)
	return l
}

func (b *pprofBuilder) function(frame finding.Frame) *profile.Function {
	frame.Line = 0
	if f, known := b.functions[frame]; known {
		return f
	}
	name := frame.Func
	if name == "" {
		name = path.Base(frame.File)
	}
	f := &profile.Function{ID: uint64(len(b.prof.Function) + 1), Name: name, SystemName: name, Filename: frame.File}
	b.functions[frame] = f
	b.prof.Function = append(b.prof.Function, f)
	return f
}
