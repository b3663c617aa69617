package oldtrace

import (
	"errors"
	"strings"

	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// maxEventsPerRead is how many events of the stream one event of the reader makes
// at most: itself and the first sight of the two goroutines that it names.
const maxEventsPerRead = 3

var errClock = errors.New("its clock runs over more than 30 days")

// converter writes events of the reader to a batch. It holds all state that spans
// events: slots, interned stacks and strings, the time base.
type converter struct {
	ahead   *ahead
	batch   *stream.Batch
	slots   stream.Slots
	stacks  stackTable
	threads stream.Slots // used as a table only: threads do not end
	started bool
	base    int64
	last    int64
	syncs   uint64
	// readTo is how many bytes had been consumed when the current generation began,
	// about what it ends at; readBefore is that of the generation before.
	readTo, readBefore int64
	afterSync          bool // nothing has come since the last sync event
	transitions        int64
}

func newConverter() converter {
	return converter{
		stacks: newStackTable(),
	}
}

// next appends an event at the reader's event's time and place and returns it. The
// pointer holds until the next call.
func (c *converter) next(ev *trace.Event, kind stream.Kind) *stream.Event {
	b := c.batch
	b.Events = append(b.Events, stream.Event{
		Time:   c.last,
		Kind:   kind,
		Proc:   int32(ev.Proc()),
		Thread: c.thread(ev.Thread()),
	})
	return &b.Events[len(b.Events)-1]
}

// add converts one event.
func (c *converter) add(ev *trace.Event) error {
	if err := c.advance(int64(ev.Time())); err != nil {
		return err
	}
	c.afterSync = false
	switch ev.Kind() {
	case trace.EventStateTransition:
		c.transition(ev)
	case trace.EventSync:
		c.afterSync = true
		c.stacks.forgetHandles()
		c.syncs++
		c.readTo, c.readBefore = c.ahead.syncOffset(), c.readTo
		c.next(ev, stream.Sync).Arg = c.syncs
	case trace.EventStackSample:
		g := c.goroutine(ev, ev.Goroutine())
		out := c.next(ev, stream.CPUSample)
		out.G, out.Stack = g, c.stacks.intern(ev.Stack())
	case trace.EventMetric:
		c.metric(ev)
	case trace.EventRangeBegin, trace.EventRangeActive:
		c.span(ev, stream.RangeBegin)
	case trace.EventRangeEnd:
		c.span(ev, stream.RangeEnd)
	default:
		c.annotation(ev)
	}
	return nil
}

// advance moves the clock. The first event is time 0; damage must not turn it back.
func (c *converter) advance(now int64) error {
	if !c.started {
		c.started, c.base = true, now
	}
	t := now - c.base
	if t > maxTraceNanos {
		return errClock
	}
	c.last = max(c.last, t)
	return nil
}

func (c *converter) metric(ev *trace.Event) {
	m := ev.Metric()
	if m.Value.Kind() != trace.ValueUint64 {
		return
	}
	var kind stream.Kind
	switch m.Name {
	case "/sched/gomaxprocs:threads":
		kind = stream.MaxProcs
	case "/memory/classes/heap/objects:bytes":
		kind = stream.HeapAlloc
	case "/gc/heap/goal:bytes":
		kind = stream.HeapGoal
	default:
		return
	}
	c.next(ev, kind).Arg = m.Value.Uint64()
}

func (c *converter) span(ev *trace.Event, kind stream.Kind) {
	r := ev.Range()
	var g stream.GID
	if r.Scope.Kind == trace.ResourceGoroutine {
		g = c.goroutine(ev, r.Scope.Goroutine())
	}
	out := c.next(ev, kind)
	out.G = g
	switch {
	case strings.HasPrefix(r.Name, "stop-the-world"):
		out.Range = stream.StopTheWorld
	case strings.HasPrefix(r.Name, "GC concurrent mark"):
		out.Range = stream.GCMark
	case strings.HasPrefix(r.Name, "GC incremental sweep"):
		out.Range = stream.GCSweep
	case strings.HasPrefix(r.Name, "GC mark assist"):
		out.Range = stream.GCAssist
	}
}

// annotation converts what user code writes into the trace.
func (c *converter) annotation(ev *trace.Event) {
	g := c.goroutine(ev, ev.Goroutine())
	switch ev.Kind() {
	case trace.EventTaskBegin:
		task := ev.Task()
		out := c.next(ev, stream.TaskBegin)
		out.G, out.Arg, out.Text = g, uint64(task.ID), c.stacks.Text(task.Type)
	case trace.EventTaskEnd:
		out := c.next(ev, stream.TaskEnd)
		out.G, out.Arg = g, uint64(c.ahead.endedTask())
	case trace.EventRegionBegin, trace.EventRegionEnd:
		kind := stream.RegionBegin
		if ev.Kind() == trace.EventRegionEnd {
			kind = stream.RegionEnd
		}
		region := ev.Region()
		out := c.next(ev, kind)
		out.G, out.Arg, out.Text = g, uint64(region.Task), c.stacks.Text(region.Type)
	case trace.EventLog:
		log := ev.Log()
		out := c.next(ev, stream.Log)
		out.G, out.Arg = g, uint64(log.Task)
		out.Text, out.Category = c.stacks.Text(log.Message), c.stacks.Text(log.Category)
	case trace.EventLabel:
		out := c.next(ev, stream.Label)
		out.G, out.Text = g, c.stacks.Text(ev.Label().Label)
	}
}

// thread numbers threads from 1 as they come; their own ids may be 64 bits wide.
func (c *converter) thread(id trace.ThreadID) uint32 {
	if id == trace.NoThread {
		return 0
	}
	key := uint64(id) + 1 // a table has no id 0
	dense := c.threads.Lookup(key)
	if dense == 0 && key != 0 {
		dense = c.threads.Take(key)
	}
	return uint32(dense)
}

// goroutine returns the slot of a goroutine that an event names. One that was never
// announced, which a complete trace does not have, is announced here.
func (c *converter) goroutine(ev *trace.Event, id trace.GoID) stream.GID {
	if id <= 0 {
		return 0
	}
	g := c.slots.Lookup(uint64(id))
	if g == 0 {
		g = c.slots.Take(uint64(id))
		out := c.next(ev, stream.GoStatus)
		out.G, out.Arg = g, uint64(id)
	}
	return g
}
