package latency

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/internal/chart"
	"github.com/concdoctor/concdoctor/analyzer/internal/replay"
	"github.com/concdoctor/concdoctor/analyzer/internal/stream"
)

// group is the goroutines of one entry function.
type group struct {
	entry        stream.FrameID
	ready, count int64
	max          int64
	ran          int64 // while others were ready
}

// pass is the state of the analysis.
type pass struct {
	tr     *replay.Trace
	delays chart.Histogram
	groups map[string]*group
	byID   map[stream.FrameID]*group

	// How many user goroutines are ready and run, since when.
	ready, running int64
	since          int64
	counted        replay.PerG[stream.State]
	// runs is whether the goroutine runs, shares whether it ran when it last became
	// ready.
	runs, shares replay.PerG[bool]

	marking, stopped bool
	// While somebody was ready: the time, what ran in it, and the ready goroutines' time
	// in it by what went on.
	busy, ran                      int64
	readyAll, inMark, inStop, idle int64
	wanted                         int64 // all time running or ready
}

// New returns the pass of the rule sched-latency.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr, groups: make(map[string]*group), byID: make(map[stream.FrameID]*group)}
	return replay.Pass{
		Name:   "latency",
		States: stream.Runnable.Set(),
		Create: func(g *replay.Goroutine) { p.enter(g, g.State) },
		Change: func(g *replay.Goroutine, ev *stream.Event) { p.enter(g, ev.To) },
		Span:   p.span,
		Exit:   func(g *replay.Goroutine) { p.exit(g) },
		Other:  p.other,
		Finish: p.finish,
	}
}

// enter counts the goroutine in its new state.
func (p *pass) enter(g *replay.Goroutine, to stream.State) {
	was := p.counted.At(g)
	if to == stream.Runnable {
		*p.shares.At(g) = *p.runs.At(g)
	}
	*p.runs.At(g) = to == stream.Running
	if g.System || to == stream.Runnable && *p.shares.At(g) {
		to = stream.NoState
	}
	if *was == to {
		return
	}
	p.advance()
	p.add(*was, -1)
	p.add(to, 1)
	*was = to
}

func (p *pass) exit(g *replay.Goroutine) {
	p.enter(g, stream.NoState)
	p.counted.Clear(g)
	p.runs.Clear(g)
	p.shares.Clear(g)
}

func (p *pass) add(s stream.State, n int64) {
	switch s {
	case stream.Runnable:
		p.ready += n
	case stream.Running:
		p.running += n
	}
}

// advance adds the time since the last change.
func (p *pass) advance() {
	d := p.tr.Now - p.since
	p.since = p.tr.Now
	p.wanted += (p.running + p.ready) * d
	if p.ready == 0 {
		return
	}
	p.busy += d
	p.ran += p.running * d
	p.readyAll += p.ready * d
	switch {
	case p.stopped:
		p.inStop += p.ready * d
	case p.marking:
		p.inMark += p.ready * d
	case p.running < int64(p.tr.MaxProcs):
		p.idle += min(p.ready, int64(p.tr.MaxProcs)-p.running) * d
	}
}

func (p *pass) other(ev *stream.Event) {
	if ev.Kind != stream.RangeBegin && ev.Kind != stream.RangeEnd {
		return
	}
	switch ev.Range {
	case stream.GCMark:
		p.advance()
		p.marking = ev.Kind == stream.RangeBegin
	case stream.StopTheWorld:
		p.advance()
		p.stopped = ev.Kind == stream.RangeBegin
	}
}

// span counts a wait for a processor.
func (p *pass) span(s *replay.Span) {
	if s.G.System || s.FromStart || *p.shares.At(s.G) {
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
	grp := p.byID[g.Entry]
	if grp == nil {
		name := p.tr.Frame(g.Entry).Func
		if grp = p.groups[name]; grp == nil {
			grp = &group{entry: g.Entry}
			p.groups[name] = grp
		}
		p.byID[g.Entry] = grp
	}
	return grp
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
