package replay

import (
	"context"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// Source delivers a trace, batch by batch, and io.EOF at its end.
type Source interface {
	Next(*stream.Batch) error
}

// Trace is the state of the replay that passes look at. It belongs to the
// goroutine that calls Run.
type Trace struct {
	*stream.Tables
	// Input is the name of the trace for evidence and warnings.
	Input string
	// Now is the time of the current event, at the end the length of the trace.
	Now int64
	// MaxProcs is GOMAXPROCS, 0 while the trace has not said it. At Finish it is the
	// value that held longest.
	MaxProcs int
	// Goroutines counts all goroutines seen, alive or dead, System ones included.
	Goroutines int

	Crowd Crowd

	slots  []*Goroutine
	passes []Pass
	// wants[s] are the passes that want spans of state s: the common event pays only
	// for listeners.
	wants    [stream.States][]func(*Span)
	long     []longCalls
	events   []func(*stream.Event)
	changes  [stream.States][]func(*Goroutine, *stream.Event) // by the state gone to
	elapses  []func(int64)
	others   []func(*stream.Event)
	lastSync int64
	span     Span

	procsSince int64
	procsTime  map[int]int64 // how long each value of MaxProcs held
}

// New returns a trace without passes: they are made with it and given to Run.
func New(input string) *Trace {
	return &Trace{Tables: stream.NewTables(), Input: input, slots: make([]*Goroutine, 1), procsTime: make(map[int]int64)}
}

// Run replays the source through one lane: this trace and passes made with it. See
// the function Run.
func (t *Trace) Run(ctx context.Context, src Source, passes ...Pass) error {
	return Run(ctx, src, Lane{t, passes})
}

func (t *Trace) listen(passes []Pass) {
	t.passes = passes
	for i := range passes {
		p := &passes[i]
		for s := range stream.States {
			switch {
			case p.Span == nil || !p.States.Has(s):
			case s == stream.Syscall && p.LongCalls > 0:
				t.long = append(t.long, longCalls{p.LongCalls, p.Span})
			default:
				t.wants[s] = append(t.wants[s], p.Span)
			}
			if p.Change != nil && (p.To == 0 || p.To.Has(s)) {
				t.changes[s] = append(t.changes[s], p.Change)
			}
		}
		if p.Event != nil {
			t.events = append(t.events, p.Event)
		}
		if p.Elapse != nil {
			t.elapses = append(t.elapses, p.Elapse)
		}
		if p.Other != nil {
			t.others = append(t.others, p.Other)
		}
	}
}

// Goroutine returns the record of a slot that an event names, nil for 0.
func (t *Trace) Goroutine(g stream.GID) *Goroutine {
	if g == 0 || int(g) >= len(t.slots) {
		return nil
	}
	return t.slots[g]
}

func (t *Trace) apply(ev *stream.Event) {
	t.Now = ev.Time
	for _, f := range t.events {
		f(ev)
	}
	switch ev.Kind {
	case stream.GoState:
		t.change(ev)
	case stream.GoCreate, stream.GoStatus:
		t.appear(ev)
	case stream.GoExit:
		if g := t.Goroutine(ev.G); g != nil && g.Live {
			g.Reason, g.Stack = stream.NoReason, 0
			t.end(g, nil, 0)
			t.exit(g)
		}
	default:
		t.other(ev)
	}
}

func (t *Trace) other(ev *stream.Event) {
	switch ev.Kind {
	case stream.MaxProcs:
		t.setProcs(int(ev.Arg))
	case stream.Sync:
		t.lastSync = ev.Time
	}
	for _, f := range t.others {
		f(ev)
	}
}

func (t *Trace) setProcs(n int) {
	t.Settle()
	t.procsTime[t.MaxProcs] += t.Now - t.procsSince
	t.MaxProcs, t.procsSince = n, t.Now
}

// longestProcs sets MaxProcs to the value that held longest, the larger of two equals.
func (t *Trace) longestProcs() {
	t.setProcs(t.MaxProcs)
	for n, held := range t.procsTime {
		if best := t.procsTime[t.MaxProcs]; held > best || held == best && n > t.MaxProcs {
			t.MaxProcs = n
		}
	}
}

// appear begins a goroutine that was created or that lived before the trace.
func (t *Trace) appear(ev *stream.Event) {
	for int(ev.G) >= len(t.slots) {
		t.slots = append(t.slots, nil)
	}
	g := t.slots[ev.G]
	switch {
	case g == nil:
		g = new(Goroutine)
		t.slots[ev.G] = g
	case g.Live && ev.Kind == stream.GoStatus && g.ID == ev.Arg:
		t.Settle()
		t.Crowd.move(g, g.State, ev.To)
		t.resume(g, ev) // named by an event before its status came
		return
	case g.Live:
		t.exit(g)
	}
	t.Settle()
	*g = Goroutine{Slot: ev.G, ID: ev.Arg, Live: true, wrapped: true}
	t.Goroutines++
	if ev.Kind == stream.GoCreate {
		t.born(g, ev)
	} else {
		g.Before = true
		t.resume(g, ev)
	}
	for i := range t.passes {
		if f := t.passes[i].Create; f != nil {
			f(g)
		}
	}
	t.Crowd.move(g, stream.NoState, ev.To)
}

func (t *Trace) born(g *Goroutine, ev *stream.Event) {
	g.Born, g.Creation = ev.Time, ev.ByStack
	if by := t.Goroutine(ev.By); by != nil {
		g.Creator, g.By = by.ID, ev.By
		by.learn(t.Tables, ev.ByStack)
	}
	if entry := t.Root(ev.Stack); entry != 0 {
		g.setEntry(t.Tables, entry)
		g.wrapped = t.Frame(entry).Machinery
	}
	t.begin(g, ev) // ev.Stack is where it will start, not what it does
}

// resume dates the state of a goroutine that lived before back to the start of the
// generation in which it was first seen, the trace's start as a rule: had it
// changed since, the change would have shown it.
func (t *Trace) resume(g *Goroutine, ev *stream.Event) {
	t.begin(g, ev)
	g.Since, g.waitSince, g.fromStart = t.lastSync, t.lastSync, true
	g.learn(t.Tables, ev.Stack)
}

func (t *Trace) begin(g *Goroutine, ev *stream.Event) {
	g.State, g.Since, g.waitSince = ev.To, t.Now, t.Now
	g.Reason, g.Stack, g.fromStart = ev.Reason, ev.Stack, false
}

// change ends one stay and begins the next.
func (t *Trace) change(ev *stream.Event) {
	g := t.Goroutine(ev.G)
	if g == nil || !g.Live {
		return // a damaged stream; the decoder announces every goroutine
	}
	t.Settle()
	for _, f := range t.changes[ev.To] {
		f(g, ev)
	}
	t.Crowd.move(g, g.State, ev.To)
	if ev.From == stream.Running {
		g.Reason, g.Stack = ev.Reason, ev.Stack
		g.learn(t.Tables, ev.Stack)
	}
	waker := t.Goroutine(ev.By)
	if waker != nil {
		waker.learn(t.Tables, ev.ByStack)
	}
	t.end(g, waker, ev.ByStack)
	since := t.Now
	if ev.To == stream.Runnable && (ev.From == stream.Waiting || ev.From == stream.Syscall) {
		since = g.Since
	}
	g.State, g.Since, g.waitSince, g.fromStart = ev.To, t.Now, since, false
}

// end hands the goroutine's finished stay to the listeners that want it.
func (t *Trace) end(g, waker *Goroutine, wakerStack stream.StackID) {
	if g.State == stream.NoState {
		return
	}
	s := &t.span // one for all: a span a call would be an allocation an event
	g.stay(s, t.Now)
	g.Acted = true
	s.Waker, s.WakerStack = waker, wakerStack
	for _, f := range t.wants[g.State] {
		f(s)
	}
	if g.State == stream.Syscall {
		for _, l := range t.long {
			if s.Nanos() >= l.least {
				l.span(s)
			}
		}
	}
}

// longCalls are the listeners that want the longer stays in system calls.
type longCalls struct {
	least int64
	span  func(*Span)
}

// stay fills s with the goroutine's present stay, which ends now, and counts it.
func (g *Goroutine) stay(s *Span, now int64) {
	s.G, s.State, s.Reason, s.Stack = g, g.State, g.Reason, g.Stack
	s.Start, s.End, s.Since = g.Since, now, g.waitSince
	s.Waker, s.WakerStack, s.FromStart = nil, 0, g.fromStart
	s.Share = shares[g.State][g.Reason]
	g.Spent[s.Share] += now - g.Since
}

func (t *Trace) exit(g *Goroutine) {
	t.Settle()
	for i := range t.passes {
		if f := t.passes[i].Exit; f != nil {
			f(g)
		}
	}
	t.Crowd.move(g, g.State, stream.NoState)
	g.Live = false
}

func (t *Trace) Finish(rep *finding.Report) {
	t.longestProcs()
	t.Settle()
	for _, g := range t.slots {
		if g == nil || !g.Live {
			continue
		}
		g.stay(&t.span, t.Now)
		if g.State == stream.Running {
			t.span.Reason, t.span.Stack = stream.NoReason, 0
		}
		for i := range t.passes {
			if f := t.passes[i].Open; f != nil {
				f(&t.span)
			}
		}
	}
	for i := range t.passes {
		if f := t.passes[i].Finish; f != nil {
			f(rep)
		}
	}
}
