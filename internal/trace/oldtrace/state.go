package oldtrace

import (
	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
	"github.com/concdoctor/concdoctor/internal/trace/symbol"
)

// states maps the reader's states; those that it may add later become NoState.
var states = [256]stream.State{
	trace.GoRunnable: stream.Runnable,
	trace.GoRunning:  stream.Running,
	trace.GoWaiting:  stream.Waiting,
	trace.GoSyscall:  stream.Syscall,
}

// transition converts a change of state of a goroutine or processor.
func (c *converter) transition(ev *trace.Event) {
	tr := ev.StateTransition()
	switch tr.Resource.Kind {
	case trace.ResourceGoroutine:
		c.transitions++
		c.goTransition(ev, &tr)
	case trace.ResourceProc:
		c.transitions++
		c.procTransition(ev, &tr)
	}
}

func (c *converter) procTransition(ev *trace.Event, tr *trace.StateTransition) {
	from, to := tr.Proc()
	switch {
	case to == trace.ProcRunning && from != trace.ProcRunning:
		c.next(ev, stream.ProcStart).Arg = uint64(tr.Resource.Proc())
	case from == trace.ProcRunning && to != trace.ProcRunning:
		c.next(ev, stream.ProcStop).Arg = uint64(tr.Resource.Proc())
	}
}

func (c *converter) goTransition(ev *trace.Event, tr *trace.StateTransition) {
	from, to := tr.Goroutine()
	if from == to {
		return // each generation lists again what lives
	}
	id := uint64(tr.Resource.Goroutine())
	switch {
	case from == trace.GoNotExist:
		c.created(ev, tr, states[to])
	case to == trace.GoNotExist:
		g := c.goroutine(ev, trace.GoID(id))
		out := c.next(ev, stream.GoExit)
		out.G, out.From = g, states[from]
		c.slots.Drop(id)
	case from == trace.GoUndetermined:
		c.seen(ev, tr, states[to])
	default:
		c.changed(ev, tr)
	}
}

func (c *converter) created(ev *trace.Event, tr *trace.StateTransition, to stream.State) {
	by := c.goroutine(ev, ev.Goroutine())
	id := uint64(tr.Resource.Goroutine())
	c.slots.Drop(id) // damage may have lost its exit
	g := c.slots.Take(id)
	start, creator := c.stacks.intern(tr.Stack), c.stacks.intern(ev.Stack())
	out := c.next(ev, stream.GoCreate)
	out.G, out.Arg, out.To, out.Reason = g, id, to, stream.Created
	out.By, out.Stack, out.ByStack = by, start, creator
	if to == stream.Syscall {
		out.Reason = stream.InSyscall
	}
}

// seen converts the first sight of a goroutine that lived before the trace.
func (c *converter) seen(ev *trace.Event, tr *trace.StateTransition, to stream.State) {
	id := uint64(tr.Resource.Goroutine())
	g := c.slots.Lookup(id)
	if g == 0 {
		g = c.slots.Take(id)
	}
	stack := c.stacks.intern(tr.Stack)
	out := c.next(ev, stream.GoStatus)
	out.G, out.Arg, out.To, out.Stack = g, id, to, stack
	switch to {
	case stream.Syscall:
		out.Reason = stream.InSyscall
	case stream.Waiting:
		out.Reason = c.stacks.Waits(stack)
	}
}

// changed converts the common case.
func (c *converter) changed(ev *trace.Event, tr *trace.StateTransition) {
	before, after := tr.Goroutine()
	from, to := states[before], states[after]
	g := c.goroutine(ev, tr.Resource.Goroutine())
	switch from {
	case stream.Waiting:
		by := c.goroutine(ev, ev.Goroutine())
		out := c.next(ev, stream.GoState)
		out.G, out.From, out.To, out.By = g, from, to, by
		if by != 0 {
			out.ByStack = c.stacks.intern(ev.Stack())
		}
	case stream.Running:
		out := c.next(ev, stream.GoState)
		out.G, out.From, out.To = g, from, to
		out.Stack = c.stacks.intern(tr.Stack)
		out.Reason = c.reason(to, tr.Reason, out.Stack)
	default:
		out := c.next(ev, stream.GoState)
		out.G, out.From, out.To = g, from, to
	}
}

// reason translates the trace's word for why a goroutine stopped.
func (c *converter) reason(to stream.State, text string, stack stream.StackID) stream.Reason {
	if to == stream.Syscall {
		return stream.InSyscall
	}
	if reason := symbol.Stop(text); reason != stream.NoReason {
		return reason
	}
	return c.stacks.Waits(stack)
}
