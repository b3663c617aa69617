package latency

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// group is the goroutines of one entry function.
type group struct {
	entry        stream.FrameID
	ready, count int64
	max          int64
}

// pass is the state of the analysis.
type pass struct {
	tr     *replay.Trace
	delays chart.Histogram
	groups map[string]*group
	byID   replay.ByFrame[*group]

	marking, stopped bool
	// While a goroutine was ready: the time, what ran in it, and the ready goroutines' time
	// in it by what went on.
	busy, ran                      int64
	readyAll, inMark, inStop, idle int64
	wanted                         int64 // all time running or ready
}

// New returns the pass of the rule sched-latency.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr, groups: make(map[string]*group)}
	return replay.Pass{
		Name:   "latency",
		States: stream.Runnable.Set(),
		Elapse: p.elapse,
		Span:   p.span,
		Other:  p.other,
		Finish: p.finish,
	}
}

// elapse adds the time since the last change. A goroutine that ran when it became ready shares a
// processor, and does not wait for one.
func (p *pass) elapse(d int64) {
	running, ready := p.tr.Crowd.User[stream.Running], p.tr.Crowd.Woken
	p.wanted += (running + ready) * d
	if ready == 0 {
		return
	}
	p.busy += d
	p.ran += running * d
	p.readyAll += ready * d
	switch procs := int64(p.tr.MaxProcs); {
	case p.stopped:
		p.inStop += ready * d
	case p.marking:
		p.inMark += ready * d
	case running < procs:
		p.idle += min(ready, procs-running) * d
	}
}

func (p *pass) other(ev *stream.Event) {
	if ev.Kind != stream.RangeBegin && ev.Kind != stream.RangeEnd {
		return
	}
	switch ev.Range {
	case stream.GCMark:
		p.tr.Settle()
		p.marking = ev.Kind == stream.RangeBegin
	case stream.StopTheWorld:
		p.tr.Settle()
		p.stopped = ev.Kind == stream.RangeBegin
	}
}

// span counts a wait for a processor.
func (p *pass) span(s *replay.Span) {
	if s.G.System || s.FromStart || s.G.Yielded {
		return
	}
	n := s.Nanos()
	p.delays.Add(n)
	g := p.group(s.G)
	g.ready += n
	g.count++
	g.max = max(g.max, n)
}

func (p *pass) group(g *replay.Goroutine) *group {
	grp := p.byID.At(g.Entry)
	if *grp == nil {
		name := p.tr.Frame(g.Entry).Func
		if *grp = p.groups[name]; *grp == nil {
			*grp = &group{entry: g.Entry}
			p.groups[name] = *grp
		}
	}
	return *grp
}

// summarize writes the distribution into the trace's schedule.
func (p *pass) summarize(rep *finding.Report) {
	if n := len(rep.Summary.Schedules); n > 0 {
		rep.Summary.Schedules[n-1].Latency = finding.Latency{
			Count: p.delays.Count, Nanos: p.delays.Sum, P50Nanos: p.delays.Quantile(0.5), P95Nanos: p.delays.Quantile(0.95),
			P99Nanos: p.delays.Quantile(0.99), MaxNanos: p.delays.Max,
		}
	}
}
