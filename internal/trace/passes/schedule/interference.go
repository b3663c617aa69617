package schedule

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// interference adds up the runtime's own work. A trace says at the start of each
// generation what is under way, so that a beginning without an end before it goes on.
type interference struct {
	finding.Interference
	marking, stopped openSpan
	work             replay.PerG[[2]openSpan] // assist and sweep
}

// openSpan is a span of the runtime's work that may be under way.
type openSpan struct {
	open  bool
	since int64
}

func (o *openSpan) begin(now int64) (began bool) {
	if o.open {
		return false
	}
	o.open, o.since = true, now
	return true
}

// end returns the length, 0 if none was under way.
func (o *openSpan) end(now int64) int64 {
	if !o.open {
		return 0
	}
	o.open = false
	return now - o.since
}

// event takes RangeBegin and RangeEnd.
func (i *interference) event(tr *replay.Trace, ev *stream.Event) {
	begin := ev.Kind == stream.RangeBegin
	switch ev.Range {
	case stream.GCMark:
		if begin {
			if i.marking.begin(ev.Time) {
				i.Collections++
			}
		} else {
			i.MarkNanos += i.marking.end(ev.Time)
		}
	case stream.StopTheWorld:
		if begin {
			i.stopped.begin(ev.Time)
		} else if i.stopped.open {
			i.stop(i.stopped.end(ev.Time))
		}
	case stream.GCAssist:
		i.AssistNanos += i.own(tr, ev, 0)
	case stream.GCSweep:
		i.SweepNanos += i.own(tr, ev, 1)
	}
}

func (i *interference) stop(nanos int64) {
	i.Stops++
	i.StopNanos += nanos
	i.MaxStopNanos = max(i.MaxStopNanos, nanos)
}

// own follows work on a goroutine's own account and returns what has just ended.
func (i *interference) own(tr *replay.Trace, ev *stream.Event, which int) int64 {
	g := tr.Goroutine(ev.G)
	if g == nil || g.System {
		return 0
	}
	span := &i.work.At(g)[which]
	if ev.Kind == stream.RangeBegin {
		span.begin(ev.Time)
		return 0
	}
	return span.end(ev.Time)
}

// finish ends what the trace's end cut off.
func (i *interference) finish(now int64) finding.Interference {
	i.MarkNanos += i.marking.end(now)
	if i.stopped.open {
		i.stop(i.stopped.end(now))
	}
	return i.Interference
}
