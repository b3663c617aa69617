package oldtrace

import (
	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// rawEvents makes a chunk of 80 kB, and rawChunks of them are under way: enough
	// that neither side waits for the other at every turn.
	rawEvents = 1024
	rawChunks = 8
)

// chunk is a part of the trace as the library's reader gives it.
type chunk struct {
	events []trace.Event
	// tasks are the ids of the events that end tasks, in order: the only detail of an
	// event that the reader still writes to while it reads on.
	tasks []trace.TaskID
	// offsets are the bytes consumed at each sync event, in order.
	offsets []int64
	// err ends the trace, after the events.
	err error
}

// ahead reads a trace in a goroutine of its own, which is two thirds of the work.
type ahead struct {
	full, free chan *chunk
	quit       chan struct{}
	offset     func() int64
	now        *chunk
	next       int // in now.events
	nextTask   int
	nextOffset int
}

// readAhead starts to read; offset returns how many bytes were consumed. A caller that
// stops before the error must close quit.
func readAhead(r *trace.Reader, offset func() int64) *ahead {
	a := &ahead{
		full: make(chan *chunk, rawChunks), free: make(chan *chunk, rawChunks), quit: make(chan struct{}), offset: offset,
	}
	for range rawChunks {
		a.free <- &chunk{events: make([]trace.Event, 0, rawEvents)}
	}
	go a.run(r)
	return a
}

func (a *ahead) run(r *trace.Reader) {
	for {
		select {
		case <-a.quit:
			return
		case c := <-a.free:
			c.err = stream.Guard(func() error { return c.fill(r, a.offset) })
			a.full <- c // never blocks: there are no more chunks than places
			if c.err != nil {
				return
			}
		}
	}
}

func (c *chunk) fill(r *trace.Reader, offset func() int64) error {
	c.events, c.tasks, c.offsets = c.events[:0], c.tasks[:0], c.offsets[:0]
	for i := range rawEvents {
		ev := &c.events[:i+1][i] // an event is 80 bytes: written in its place at once
		var err error
		if *ev, err = r.ReadEvent(); err != nil {
			return err
		}
		c.events = c.events[:i+1]
		switch ev.Kind() {
		case trace.EventTaskEnd:
			c.tasks = append(c.tasks, ev.Task().ID)
		case trace.EventSync:
			c.offsets = append(c.offsets, offset())
		}
	}
	return nil
}

// event returns the next event, which holds until the next call, or the error that
// ended the trace.
func (a *ahead) event() (*trace.Event, error) {
	for a.now == nil || a.next == len(a.now.events) {
		if a.now != nil {
			if a.now.err != nil {
				return nil, a.now.err
			}
			a.free <- a.now
		}
		a.now, a.next, a.nextTask, a.nextOffset = <-a.full, 0, 0, 0
	}
	a.next++
	return &a.now.events[a.next-1], nil
}

// endedTask returns the task that the current event ends.
func (a *ahead) endedTask() trace.TaskID {
	a.nextTask++
	return a.now.tasks[a.nextTask-1]
}

// syncOffset returns the bytes consumed at the current sync event.
func (a *ahead) syncOffset() int64 {
	a.nextOffset++
	return a.now.offsets[a.nextOffset-1]
}
