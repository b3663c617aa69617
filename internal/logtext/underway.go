package logtext

import (
	"maps"
	"slices"
)

// Underway holds the report that each stream of a log is in the middle of. The zero
// value holds none. It belongs to one goroutine.
type Underway[B any] struct {
	// Ended takes a report when nothing more belongs to it.
	Ended func(B)

	reports map[string]B
}

// Begin begins a report on a stream; the one under way there ends before it.
func (u *Underway[B]) Begin(stream string, b B) {
	u.End(stream)
	if u.reports == nil {
		u.reports = make(map[string]B)
	}
	u.reports[stream] = b
}

// At returns the stream's report, if one is under way.
func (u *Underway[B]) At(stream string) (b B, is bool) {
	b, is = u.reports[stream]
	return b, is
}

// End ends the stream's report, if one is under way.
func (u *Underway[B]) End(stream string) {
	if b, is := u.reports[stream]; is {
		delete(u.reports, stream)
		u.Ended(b)
	}
}

// EndAll ends all reports, in the order of their streams' names.
func (u *Underway[B]) EndAll() {
	for _, stream := range slices.Sorted(maps.Keys(u.reports)) {
		u.End(stream)
	}
}
