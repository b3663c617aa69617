package sequential

import (
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// mainID is the runtime's id of the goroutine that runs main.main.
	mainID = 1
	// minWait is what any wait must last at least; its share of the trace is judged at
	// the end.
	minWait = 1_000_000
	// maxStacks bounds what is kept for one goroutine: one that waits at more places is
	// not going through a short list.
	maxStacks = 32
)

// waits is what one stack of a goroutine has waited, as far as it was long and the
// goroutine was alone.
type waits struct {
	stack       stream.StackID
	reason      stream.Reason
	count       int64
	sum, max    int64
	first, last int64
}

// series is the waits of a goroutine.
type series struct {
	id    uint64
	waits []waits
	// awaited is the longest wait of another goroutine that this one ended.
	awaited int64
	// ran is the trace's and finished the pass's when the goroutine last stopped; begin and end
	// are finished at the ends of the series, and own is its own part of that.
	ran, finished   int64
	begin, end, own int64
}

// candidate is a series whose goroutine ended, or the trace did.
type candidate struct {
	*series
	top trunk
}

// pass is the state of the analysis.
type pass struct {
	tr     *replay.Trace
	series replay.PerG[*series]
	ended  []candidate

	// finished is the length of all waits of the kind, of all goroutines.
	finished int64
	outside  []place // by StackID
}

// New returns the pass of the rule sequential-waits.
func New(tr *replay.Trace) replay.Pass {
	p := &pass{tr: tr}
	return replay.Pass{
		Name:      "sequential",
		LongCalls: minWait,
		States:    stream.Waiting.Set() | stream.Syscall.Set(),
		Change:    p.change,
		To:        stream.Waiting.Set() | stream.Syscall.Set(),
		Span:      p.span,
		Exit:      p.exit,
		Open:      p.open,
		Finish:    p.finish,
	}
}

// change keeps what had run when a goroutine stops.
func (p *pass) change(g *replay.Goroutine, ev *stream.Event) {
	if !g.System && p.isOutside(ev.Reason, ev.Stack) {
		s := p.series.At(g)
		if *s == nil {
			*s = &series{id: g.ID}
		}
		(*s).ran, (*s).finished = p.tr.Ran(), p.finished
	}
}

func (p *pass) span(s *replay.Span) {
	if s.G.System {
		return
	}
	if s.Waker != nil && s.Reason.IsSync() && s.State == stream.Waiting {
		if w := *p.series.At(s.Waker); w != nil {
			w.awaited = max(w.awaited, s.Nanos())
		}
	}
	if sr := *p.series.At(s.G); sr != nil && s.Nanos() >= minWait && !s.FromStart && p.isOutside(s.Reason, s.Stack) {
		p.finished += s.Nanos()
		if len(sr.waits) == 0 {
			sr.begin, sr.own = sr.finished, 0
		}
		sr.own += s.Nanos()
		sr.end = p.finished
		if quiet := p.tr.Ran()-sr.ran <= int64(quietShare*float64(s.Nanos())); quiet {
			sr.add(s)
		}
	}
}

// isAlone reports whether others hardly waited like that meanwhile: else the waits
// of the program do overlap.
func (sr *series) isAlone(span int64) bool {
	return sr.end-sr.begin-sr.own <= int64(quietShare*float64(span))
}

func (sr *series) add(s *replay.Span) {
	i := 0
	for i < len(sr.waits) && sr.waits[i].stack != s.Stack {
		i++
	}
	if i == len(sr.waits) {
		if i == maxStacks {
			return
		}
		sr.waits = append(sr.waits, waits{stack: s.Stack, reason: s.Reason, first: s.Start})
	}
	w := &sr.waits[i]
	w.count++
	w.sum += s.Nanos()
	w.max = max(w.max, s.Nanos())
	w.last = s.End
}

func (p *pass) exit(g *replay.Goroutine) {
	p.settle(g, 0)
	p.series.Clear(g)
}

// open settles the goroutines that are alive at the end. One that waits again at a line of its series
// has not come to an end.
func (p *pass) open(s *replay.Span) {
	stack := s.Stack
	if s.State == stream.Running || s.State == stream.Runnable {
		stack = 0
	}
	p.settle(s.G, stack)
}

// settle keeps a series that came to an end and that another goroutine waited for.
func (p *pass) settle(g *replay.Goroutine, at stream.StackID) {
	sr := *p.series.At(g)
	if g.System || sr == nil || len(sr.waits) == 0 {
		return
	}
	top := p.trunk(sr.waits)
	if !top.isSeries(p.tr.Now) || !sr.isAlone(top.last-top.first) || g.ID != mainID && 2*sr.awaited < top.sum {
		return
	}
	for i := range sr.waits {
		if at != 0 && p.tr.User(sr.waits[i].stack) == p.tr.User(at) {
			return
		}
	}
	p.ended = append(p.ended, candidate{sr, top})
}
