package contention_test

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/passes/contention"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// The stacks of a script's one function: its Lock and its Unlock.
const (
	lockStack stream.StackID = iota + 1
	unlockStack
)

// script is a trace that a test writes, so that the order of wakes is the intended one.
type script struct {
	events []stream.Event
	users  int // goroutines so far
	done   bool
}

// Next delivers all of it in one batch.
func (s *script) Next(b *stream.Batch) error {
	if s.done {
		return io.EOF
	}
	s.done = true
	*b = stream.Batch{Frames: []stream.Frame{
		stream.NewFrame(finding.Frame{Func: pkg + "work", File: "/home/user/work.go", Line: 10}),
		stream.NewFrame(finding.Frame{Func: pkg + "work", File: "/home/user/work.go", Line: 20}),
	}, Stacks: [][]stream.FrameID{{1}, {2}}}
	slices.SortStableFunc(s.events, func(a, b stream.Event) int { return cmp.Compare(a.Time, b.Time) })
	last := s.events[len(s.events)-1].Time
	b.Events = append([]stream.Event{{Kind: stream.Sync, Arg: 1}, {Kind: stream.MaxProcs, Arg: 4}}, s.events...)
	b.Events = append(b.Events, stream.Event{Time: last, Kind: stream.Sync, Arg: 2})
	return nil
}

func (s *script) state(at time.Duration, ev stream.Event) {
	ev.Time, ev.Kind = int64(at), stream.GoState
	s.events = append(s.events, ev)
}

func (s *script) park(at time.Duration, g stream.GID) {
	s.state(at, stream.Event{G: g, From: stream.Running, To: stream.Waiting, Reason: stream.Mutex, Stack: lockStack})
}

// wake lets g run a microsecond after the other one's unlock.
func (s *script) wake(at time.Duration, g, by stream.GID) {
	s.state(at, stream.Event{G: g, From: stream.Waiting, To: stream.Runnable, By: by, ByStack: unlockStack})
	s.state(at+time.Microsecond, stream.Event{G: g, From: stream.Runnable, To: stream.Running})
}

// instance adds a mutex with its users, each of which computes for 4 ms under it, in
// turn. With races, the holder unlocks in the middle and is faster than the goroutine
// it woke, which goes back to the head of the queue, as sync.Mutex has it.
func (s *script) instance(users int, offset time.Duration, races bool) {
	const hold, cycles, us = 4 * time.Millisecond, 60, time.Microsecond
	first := s.users + 1
	s.users += users
	for i := range users {
		g := stream.GID(first + i)
		s.events = append(s.events, stream.Event{Kind: stream.GoStatus, G: g, Arg: uint64(g), To: stream.Running})
		if i > 0 {
			s.park(offset+time.Duration(i)*100*us, g)
		}
	}
	for c := range cycles {
		holder, next := stream.GID(first+c%users), stream.GID(first+(c+1)%users)
		end := offset + time.Duration(c+1)*hold
		if races {
			s.wake(end-hold/2, next, holder)
			s.park(end-hold/2+60*us, next)
		}
		s.wake(end, next, holder)
		s.park(end+2*us, holder)
	}
}

// TestInstances tells one mutex, whose waiters come out of order only where they lost
// a race, from several of the same lines, which are no reason to call a section coarse.
func TestInstances(t *testing.T) {
	const several = "the lock has several instances"
	coarse := []string{"coarse-section observed mutex; holds it until here work; waits here work"}
	for _, tt := range []struct {
		name  string
		write func(*script)
		want  []string
	}{
		{"one", func(s *script) { s.instance(3, 0, false) }, coarse},
		{"one with races", func(s *script) { s.instance(3, 0, true) }, coarse},
		{"two", func(s *script) { s.instance(3, 0, false); s.instance(5, time.Millisecond, false) }, nil},
		{"two with races", func(s *script) { s.instance(3, 0, true); s.instance(5, time.Millisecond, true) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := new(script)
			tt.write(s)
			tr := replay.New("by hand")
			rep := finding.NewReport(finding.Tool{Name: "test"})
			if err := tr.Run(context.Background(), s, contention.New(tr)); err != nil {
				t.Fatal(err)
			}
			tr.Finish(rep)
			if got := causes(rep.Findings); !slices.Equal(got, tt.want) {
				t.Errorf("causes %q, want %q", got, tt.want)
				show(t, rep.Findings)
			}
			f := contentionAt(t, rep.Findings, "work")
			if got := strings.Contains(f.Fix, several); got != (tt.want == nil) {
				t.Errorf("advice %q, want it to say %q: %v", f.Fix, several, tt.want == nil)
			}
		})
	}
}
