// Package still notes which goroutines an execution trace saw wait from its start to its
// end, and where. A goroutine dump of the same process says what they hold; the trace adds
// that none of them has moved.
package still

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// maxStill bounds the goroutines that are kept.
const maxStill = 200_000

// New returns a maker of the pass, which writes what it sees into to.
func New(to *format.Watch) func(*replay.Trace) replay.Pass {
	return func(tr *replay.Trace) replay.Pass {
		to.At = make(map[uint64]finding.Frame)
		return replay.Pass{
			Name: "still",
			Open: func(s *replay.Span) {
				if g := s.G; g.Before && !g.Acted && !g.System && s.State == stream.Waiting && s.Stack != 0 && len(to.At) < maxStill {
					to.At[g.ID] = tr.Frame(tr.Site(s.Stack)).Frame
				}
			},
			Finish: func(*finding.Report) { to.Nanos = tr.Now },
		}
	}
}
