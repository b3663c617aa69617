package replay_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// events is a source that delivers what it holds, one batch of definitions and
// events first, the rest one by one: passes must not notice.
type events struct {
	first stream.Batch
	rest  []stream.Event
	began bool
}

func (e *events) Next(b *stream.Batch) error {
	switch {
	case !e.began:
		e.began = true
		*b = e.first
	case len(e.rest) > 0:
		*b = stream.Batch{Events: e.rest[:1]}
		e.rest = e.rest[1:]
	default:
		return io.EOF
	}
	return nil
}

// names defines one frame and one stack of it for each name: stack i+1.
func names(names ...string) stream.Batch {
	var b stream.Batch
	for i, name := range names {
		b.Frames = append(b.Frames, stream.NewFrame(finding.Frame{Func: name}))
		b.Stacks = append(b.Stacks, []stream.FrameID{stream.FrameID(i + 1)})
	}
	return b
}

// journal writes down every call of a pass.
func journal(tr *replay.Trace, lines *[]string) replay.Pass {
	add := func(format string, args ...any) { *lines = append(*lines, fmt.Sprintf(format, args...)) }
	span := func(what string) func(*replay.Span) {
		return func(s *replay.Span) {
			waker := ""
			if s.Waker != nil {
				waker = fmt.Sprintf(" by %d", s.Waker.ID)
			}
			start := ""
			if s.FromStart {
				start = " or before"
			}
			add("%s %d %s (%s) %d-%d since %d%s at %q%s", what, s.G.ID, s.State, s.Reason, s.Start, s.End, s.Since, start,
				tr.Frame(tr.Site(s.Stack)).Func, waker)
		}
	}
	return replay.Pass{
		States: stream.Running.Set() | stream.Runnable.Set() | stream.Waiting.Set() | stream.Syscall.Set(),
		Create: func(g *replay.Goroutine) {
			add("create %d entry %q before %v system %v by %d", g.ID, tr.Frame(g.Entry).Func, g.Before, g.System, g.Creator)
		},
		Span: span("span"),
		Open: span("open"),
		Exit: func(g *replay.Goroutine) { add("exit %d at %d", g.ID, tr.Now) },
		Finish: func(*finding.Report) {
			add("finish at %d, %d goroutines, %d processors", tr.Now, tr.Goroutines, tr.MaxProcs)
		},
	}
}

const (
	running  = stream.Running
	runnable = stream.Runnable
	waiting  = stream.Waiting
)

// TestReplay plays a small trace that it writes: goroutine 7 was there before, 8 is
// created, waits for a mutex that 7 unlocks, ends, and 9 gets its slot; 5 was
// blocked all the time.
func TestReplay(t *testing.T) {
	src := &events{
		first: names("main.main", "main.worker", "main.lock", "main.unlock", "runtime.bgsweep", "main.idle"),
		rest: []stream.Event{
			{Time: 0, Kind: stream.Sync, Arg: 1},
			{Time: 0, Kind: stream.MaxProcs, Arg: 4},
			{Time: 1, Kind: stream.GoStatus, G: 1, Arg: 7, To: running},
			{Time: 2, Kind: stream.MaxProcs, Arg: 2},
			{Time: 10, Kind: stream.GoCreate, G: 2, Arg: 8, To: runnable, Reason: stream.Created, By: 1, Stack: 2, ByStack: 1},
			{Time: 15, Kind: stream.GoState, G: 2, From: runnable, To: running},
			{Time: 20, Kind: stream.GoState, G: 2, From: running, To: waiting, Reason: stream.Mutex, Stack: 3},
			{Time: 50, Kind: stream.GoState, G: 2, From: waiting, To: runnable, By: 1, ByStack: 4},
			{Time: 60, Kind: stream.GoState, G: 2, From: runnable, To: running},
			{Time: 65, Kind: stream.GoExit, G: 2, From: running},
			{Time: 70, Kind: stream.GoCreate, G: 2, Arg: 9, To: runnable, Reason: stream.Created, By: 1, Stack: 5, ByStack: 1},
			{Time: 90, Kind: stream.GoStatus, G: 3, Arg: 5, To: waiting, Reason: stream.ChanRecv, Stack: 6},
			{Time: 100, Kind: stream.Sync, Arg: 2},
		},
	}
	tr := replay.New("by hand")
	var got []string
	if err := tr.Run(context.Background(), src, journal(tr, &got)); err != nil {
		t.Fatal(err)
	}
	tr.Finish(finding.NewReport(finding.Tool{}))
	want := []string{
		`create 7 entry "" before true system false by 0`,
		`create 8 entry "main.worker" before false system false by 7`,
		`span 8 runnable (created) 10-15 since 10 at "main.worker"`,
		`span 8 running (mutex) 15-20 since 15 at "main.lock"`,
		`span 8 waiting (mutex) 20-50 since 20 at "main.lock" by 7`,
		`span 8 runnable (mutex) 50-60 since 20 at "main.lock"`,
		`span 8 running (none) 60-65 since 60 at ""`,
		`exit 8 at 65`,
		`create 9 entry "runtime.bgsweep" before false system true by 7`,
		`create 5 entry "main.idle" before true system false by 0`,
		`open 7 running (none) 0-100 since 0 or before at ""`,
		`open 9 runnable (created) 70-100 since 70 at "runtime.bgsweep"`,
		`open 5 waiting (channel receive) 0-100 since 0 or before at "main.idle"`,
		`finish at 100, 4 goroutines, 2 processors`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if g := tr.Goroutine(1); tr.Frame(g.Entry).Func != "main.main" {
		t.Errorf("entry of 7 is %q, want main.main from the stack of its go statement", tr.Frame(g.Entry).Func)
	}
}

// TestSlotsAreReused: a million goroutines one after the other take the memory of one.
func TestSlotsAreReused(t *testing.T) {
	var slots stream.Slots
	src := &generator{n: 1_000_000, slots: &slots}
	tr := replay.New("generated")
	var state replay.PerG[int]
	left := 0
	pass := replay.Pass{
		Create: func(g *replay.Goroutine) { left += *state.At(g); *state.At(g) = 1 },
		Exit:   func(g *replay.Goroutine) { state.Clear(g) },
	}
	if err := tr.Run(context.Background(), src, pass); err != nil {
		t.Fatal(err)
	}
	tr.Finish(finding.NewReport(finding.Tool{}))
	if tr.Goroutines != 1_000_000 || left != 0 {
		t.Errorf("%d goroutines, %d with the state of another", tr.Goroutines, left)
	}
	if g := tr.Goroutine(2); g != nil {
		t.Errorf("a second slot was used: %+v", g)
	}
}

// generator makes goroutines that live one at a time.
type generator struct {
	n     int
	id    uint64
	slots *stream.Slots
}

func (s *generator) Next(b *stream.Batch) error {
	b.Reset()
	for ; s.n > 0 && len(b.Events) < 1000; s.n-- {
		s.id++
		g := s.slots.Take(s.id)
		now := int64(s.id) * 10
		b.Events = append(b.Events,
			stream.Event{Time: now, Kind: stream.GoCreate, G: g, Arg: s.id, To: runnable, Reason: stream.Created},
			stream.Event{Time: now + 1, Kind: stream.GoState, G: g, From: runnable, To: running},
			stream.Event{Time: now + 2, Kind: stream.GoExit, G: g, From: running})
		s.slots.Drop(s.id)
	}
	if len(b.Events) == 0 {
		return io.EOF
	}
	return nil
}

// TestSourceError: nothing is written into the report when the source fails.
func TestSourceError(t *testing.T) {
	finished := false
	pass := replay.Pass{Finish: func(*finding.Report) { finished = true }}
	err := replay.New("broken").Run(context.Background(), broken{}, pass)
	if err == nil || !strings.Contains(err.Error(), "no disk") || finished {
		t.Errorf("error %v, finished %v", err, finished)
	}
}

type broken struct{}

func (broken) Next(*stream.Batch) error { return fmt.Errorf("no disk") }
