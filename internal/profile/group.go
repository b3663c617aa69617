package profile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Spot is what the samples of one place add up to.
type Spot struct {
	Role Role
	// Stack is the heaviest of the place's stacks, without the machinery.
	Stack finding.Stack
	Count int64
	Nanos int64
	// OldestMinutes is the longest wait in whole minutes; 0 if none is known.
	OldestMinutes int64

	heaviest int64
}

// weight is what spots are ordered by: time where there is some, else number.
func (s *Spot) weight() int64 {
	if s.Nanos != 0 {
		return s.Nanos
	}
	return s.Count
}

// Total is the sum over a profile.
type Total struct{ Count, Nanos int64 }

// Spots groups the samples: those of lock profiles by role and site, goroutines
// by their whole stack, since there the way to the site is the diagnosis. The
// heaviest come first; the runtime's internal locks come apart.
func (p *Profile) Spots() (spots, internal []*Spot, total Total) {
	byKey := make(map[string]*Spot)
	for i := range p.Samples {
		s := &p.Samples[i]
		total.Count += s.Count
		total.Nanos += s.Nanos
		key := p.key(s)
		spot := byKey[key]
		if spot == nil {
			spot = &Spot{Role: s.Role}
			byKey[key] = spot
			if s.Role == Runtime && !p.ofGoroutines() {
				internal = append(internal, spot)
			} else {
				spots = append(spots, spot)
			}
		}
		spot.add(s)
	}
	slices.SortFunc(spots, compareSpots)
	slices.SortFunc(internal, compareSpots)
	return spots, internal, total
}

func (p *Profile) ofGoroutines() bool {
	return p.Kind == GoroutineKind || p.Kind == LeakKind || p.Kind == DumpKind
}

func (p *Profile) key(s *Sample) string {
	var b strings.Builder
	b.WriteString(string(s.Role))
	frames := s.Stack.Trim()
	if s.Role == Runtime {
		frames = s.Stack
	}
	if !p.ofGoroutines() {
		frames = frames[:min(1, len(frames))]
	}
	for _, f := range frames {
		b.WriteString("\n" + f.Func + "\n" + f.File + "\n")
		b.WriteString(f.Position())
	}
	return b.String()
}

func (s *Spot) add(sample *Sample) {
	weight := cmp.Or(sample.Nanos, sample.Count)
	if s.Stack == nil || weight > s.heaviest {
		s.heaviest = weight
		s.Stack = sample.Stack.Trim()
	}
	s.Count += sample.Count
	s.Nanos += sample.Nanos
	s.OldestMinutes = max(s.OldestMinutes, sample.OldestMinutes)
}

// compareSpots is a total order, so that equal profiles give equal reports.
func compareSpots(a, b *Spot) int {
	return cmp.Or(
		cmp.Compare(b.weight(), a.weight()),
		cmp.Compare(b.Count, a.Count),
		cmp.Compare(a.Role, b.Role),
		slices.CompareFunc(a.Stack, b.Stack, func(f, g finding.Frame) int {
			return cmp.Or(cmp.Compare(f.Func, g.Func), cmp.Compare(f.File, g.File), cmp.Compare(f.Line, g.Line))
		}),
	)
}
