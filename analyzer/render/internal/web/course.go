package web

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// kind is a kind of waiting with the pairs of waiters and wakers.
type kind struct {
	*finding.WaitKind
	Matrix *matrix // nil without pairs
}

// interference may be nothing, and then is not shown.
type interference struct{ finding.Interference }

// IsZero reports whether the runtime took nothing worth a word.
func (i interference) IsZero() bool { return i.Interference == finding.Interference{} }

// maxSteps bounds the parts of a path that are shown.
const maxSteps = 15

// way is a critical path, its largest parts first.
type way struct {
	*finding.Path
	Steps []step
}

// step is a part of a path with its place in a bar of the whole.
type step struct {
	finding.PathPart
	Share     float64
	At, Width string
}

// Instances is how many regions the path is of.
func (w way) Instances() int { return int(w.Count) }

func newWay(path *finding.Path) way {
	parts := slices.Clone(path.Parts)
	slices.SortStableFunc(parts, func(a, b finding.PathPart) int { return cmp.Compare(b.Nanos, a.Nanos) })
	w := way{Path: path}
	at := 0.0
	for _, part := range parts[:min(len(parts), maxSteps)] {
		share := min(max(float64(part.Nanos), 0)/float64(max(path.Nanos, 1)), 1-at)
		w.Steps = append(w.Steps, step{part, share, percent(at), percent(share)})
		at += share
	}
	return w
}

// tellCourse fills in what the time of the trace went to.
func (s *schedule) tellCourse() {
	for _, waits := range [...][]finding.WaitKind{s.Waits, s.Locks} {
		for i := range waits {
			s.Kinds = append(s.Kinds, kind{&waits[i], newMatrix(waits[i].Pairs)})
		}
	}
	for i := range s.Paths {
		if len(s.Paths[i].Parts) > 0 {
			s.Ways = append(s.Ways, newWay(&s.Paths[i]))
		}
	}
	s.Interference = interference{s.Schedule.Interference}
}
