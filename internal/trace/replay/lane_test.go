package replay_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// walk is a source in which a few goroutines change their states at random.
type walk struct {
	rnd    *rand.Rand
	n      int
	now    int64
	states [8]stream.State // by slot; NoState does not live
	id     uint64
	ids    [8]uint64
}

func (w *walk) Next(b *stream.Batch) error {
	b.Reset()
	if w.n == 0 {
		return io.EOF
	}
	for ; w.n > 0 && len(b.Events) < 100; w.n-- {
		w.now += w.rnd.Int64N(50)
		slot := stream.GID(1 + w.rnd.IntN(len(w.states)-1))
		ev := stream.Event{Time: w.now, G: slot, From: w.states[slot]}
		to := stream.Running + stream.State(w.rnd.IntN(4))
		switch {
		case ev.From == stream.NoState:
			w.id++
			w.ids[slot] = w.id
			ev.Kind, ev.Arg, ev.To = stream.GoCreate, w.id, to
		case ev.From == stream.Running && w.rnd.IntN(4) == 0:
			ev.Kind, to = stream.GoExit, stream.NoState
		case to == ev.From:
			continue
		default:
			ev.Kind, ev.To, ev.Reason = stream.GoState, to, stream.Reason(w.rnd.IntN(int(stream.Reasons)))
		}
		w.states[slot] = to
		b.Events = append(b.Events, ev)
	}
	return nil
}

// TestCrowd holds the crowd's counts against those of the states that the events
// tell, and what it adds up against the spans.
func TestCrowd(t *testing.T) {
	tr := replay.New("at random")
	w := &walk{rnd: rand.New(rand.NewPCG(1, 2)), n: 20_000}
	var elapsed, ran, woken, readyNanos, spans, readySpans int64
	states := make(map[stream.GID]stream.State)
	count := func(s stream.State) (n int64) {
		for _, have := range states {
			if have == s {
				n++
			}
		}
		return n
	}
	pass := replay.Pass{
		States: stream.Running.Set() | stream.Runnable.Set(),
		Elapse: func(d int64) {
			elapsed += d
			ran += tr.Crowd.User[stream.Running] * d
			readyNanos += tr.Crowd.User[stream.Runnable] * d
			woken += tr.Crowd.Woken * d
			for s := stream.Running; s < stream.States; s++ {
				if tr.Crowd.User[s] != count(s) {
					t.Fatalf("at %d: %d %v, want %d", tr.Now, tr.Crowd.User[s], s, count(s))
				}
			}
		},
		Event: func(ev *stream.Event) {
			tr.Settle()
			states[ev.G] = ev.To
		},
		Span: func(s *replay.Span) {
			if s.State == stream.Running {
				spans += s.Nanos()
			} else {
				readySpans += s.Nanos()
				if !s.G.Yielded {
					woken -= s.Nanos()
				}
			}
		},
		Open: func(s *replay.Span) {
			switch s.State {
			case stream.Running:
				spans += s.Nanos()
			case stream.Runnable:
				readySpans += s.Nanos()
				if !s.G.Yielded {
					woken -= s.Nanos()
				}
			}
			var sum int64
			for _, n := range s.G.Spent {
				sum += n
			}
			if sum != tr.Now-s.G.Born {
				t.Errorf("goroutine %d spent %d ns in %d", s.G.ID, sum, tr.Now-s.G.Born)
			}
		},
	}
	if err := tr.Run(context.Background(), w, pass); err != nil {
		t.Fatal(err)
	}
	tr.Finish(finding.NewReport(finding.Tool{}))
	if ran != spans || ran != tr.Ran() || ran != tr.RanAll() || readyNanos != readySpans || woken != 0 || elapsed != tr.Now || ran == 0 {
		t.Errorf("elapsed %d of %d; ran %d, %d, %d by spans %d; ready %d by spans %d; woken %d off",
			elapsed, tr.Now, ran, tr.Ran(), tr.RanAll(), spans, readyNanos, readySpans, woken)
	}
}

// TestLanes: all lanes see all events, and finish one after the other.
func TestLanes(t *testing.T) {
	const lanes = 3
	var seen [lanes][]stream.Event
	var order []int
	all := make([]replay.Lane, lanes)
	for i := range all {
		all[i].Trace = replay.New("at random")
		all[i].Passes = []replay.Pass{
			{Event: func(ev *stream.Event) { seen[i] = append(seen[i], *ev) }, Finish: func(*finding.Report) { order = append(order, i) }},
		}
	}
	w := &walk{rnd: rand.New(rand.NewPCG(3, 4)), n: 50_000}
	if err := replay.Run(context.Background(), w, all...); err != nil {
		t.Fatal(err)
	}
	for _, lane := range all {
		lane.Trace.Finish(finding.NewReport(finding.Tool{}))
	}
	if len(seen[0]) < 10_000 || !slices.Equal(seen[0], seen[1]) || !slices.Equal(seen[0], seen[2]) || !slices.Equal(order, []int{0, 1, 2}) {
		t.Errorf("%d, %d and %d events, finished in the order %v", len(seen[0]), len(seen[1]), len(seen[2]), order)
	}
}

// endless is a source without an end.
type endless struct{ walk }

func (e *endless) Next(b *stream.Batch) error {
	e.n = 100
	return e.walk.Next(b)
}

// TestLanesCancelled: when one lane sees that the context is done all of them end.
func TestLanesCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	finished := false
	lanes := make([]replay.Lane, 2)
	for i := range lanes {
		lanes[i].Trace = replay.New("endless")
		lanes[i].Passes = []replay.Pass{{
			Event: func(ev *stream.Event) {
				if i == 1 && ev.Time > 10_000 {
					cancel()
				}
			},
			Finish: func(*finding.Report) { finished = true },
		}}
	}
	src := &endless{walk{rnd: rand.New(rand.NewPCG(5, 6))}}
	err := replay.Run(ctx, src, lanes...)
	if !errors.Is(err, context.Canceled) || finished {
		t.Errorf("error %v, finished %v", err, finished)
	}
}
