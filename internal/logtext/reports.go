package logtext

import (
	"maps"
	"slices"
	"strings"
)

// Report is a report under way.
type Report interface {
	// Line takes a line of the report, without what stands in front of it, and reports
	// whether it ended the report. The first is the one that holds the mark.
	Line(text string) (ended bool)
}

// Reports finds the reports that begin with a mark, several at a time: one a stream. What
// stands before the mark is taken for a prefix of the same width on the lines that
// follow. It belongs to one goroutine.
type Reports[R Report] struct {
	// Mark begins a report, anywhere in a line.
	Mark string
	// Begin returns a report that begins on a line of the input.
	Begin func(number int) R
	// Ended takes a report when nothing more belongs to it.
	Ended func(R)

	open map[string]begun[R]
}

type begun[R Report] struct {
	report R
	prefix int // bytes in front of each line
}

// Line takes the next line of the log.
func (r *Reports[R]) Line(l Line) {
	if i := strings.Index(l.Text, r.Mark); i >= 0 {
		r.end(l.Stream)
		if r.open == nil {
			r.open = make(map[string]begun[R])
		}
		r.open[l.Stream] = begun[R]{r.Begin(l.Number), i}
	}
	if b, is := r.open[l.Stream]; is && b.report.Line(l.Text[min(b.prefix, len(l.Text)):]) {
		r.end(l.Stream)
	}
}

// end ends the stream's report, if one is under way.
func (r *Reports[R]) end(stream string) {
	if b, is := r.open[stream]; is {
		delete(r.open, stream)
		r.Ended(b.report)
	}
}

// EndAll ends all reports, in the order of their streams' names.
func (r *Reports[R]) EndAll() {
	for _, stream := range slices.Sorted(maps.Keys(r.open)) {
		r.end(stream)
	}
}
