package leak_test

import (
	"cmp"
	"context"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/passes/leak"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// The stacks of a tape's one function: its Lock and its Unlock.
const (
	lockStack stream.StackID = iota + 1
	unlockStack
)

// The goroutines of a tape.
const (
	owner stream.GID = iota + 1
	keeper
	waiter
	other
)

// tape is a trace that a test writes, so that the goroutines run when they are meant to.
type tape struct {
	events []stream.Event
	read   bool
}

// Next delivers all of it in one batch.
func (s *tape) Next(b *stream.Batch) error {
	if s.read {
		return io.EOF
	}
	s.read = true
	*b = stream.Batch{Frames: []stream.Frame{
		stream.NewFrame(finding.Frame{Func: "example.com/bank.work", File: "/home/user/work.go", Line: 10}),
		stream.NewFrame(finding.Frame{Func: "example.com/bank.work", File: "/home/user/work.go", Line: 20}),
	}, Stacks: [][]stream.FrameID{{1}, {2}}}
	slices.SortStableFunc(s.events, func(a, b stream.Event) int { return cmp.Compare(a.Time, b.Time) })
	b.Events = append([]stream.Event{{Kind: stream.Sync, Arg: 1}, {Kind: stream.MaxProcs, Arg: 4}}, s.events...)
	b.Events = append(b.Events, stream.Event{Time: int64(200 * time.Millisecond), Kind: stream.Sync, Arg: 2})
	return nil
}

func (s *tape) add(at float64, ev stream.Event) {
	ev.Time = int64(at * 1e6)
	s.events = append(s.events, ev)
}

// starts, parks, wakes and ends are at a time in milliseconds.
func (s *tape) starts(gs ...stream.GID) {
	for _, g := range gs {
		s.add(0, stream.Event{Kind: stream.GoStatus, G: g, Arg: 10 + uint64(g), To: stream.Running})
	}
}

func (s *tape) parks(at float64, g stream.GID) {
	s.add(at, stream.Event{Kind: stream.GoState, G: g, From: stream.Running, To: stream.Waiting, Reason: stream.Mutex, Stack: lockStack})
}

func (s *tape) sleeps(at float64, g stream.GID) {
	s.add(at, stream.Event{Kind: stream.GoState, G: g, From: stream.Running, To: stream.Waiting, Reason: stream.Sleep, Stack: unlockStack})
}

func (s *tape) wakes(at float64, by, g stream.GID) {
	s.add(at, stream.Event{Kind: stream.GoState, G: g, From: stream.Waiting, To: stream.Runnable, By: by, ByStack: unlockStack})
	s.add(at+0.001, stream.Event{Kind: stream.GoState, G: g, From: stream.Runnable, To: stream.Running})
}

func (s *tape) ends(at float64, g stream.GID) {
	s.add(at, stream.Event{Kind: stream.GoExit, G: g, From: stream.Running})
}

// hands lets the owner hand the lock to the keeper, which ends, while the waiter is
// behind it in the queue.
func (s *tape) hands() {
	s.starts(owner, keeper, waiter)
	s.parks(1, keeper)
	s.parks(2, waiter)
	s.wakes(3, owner, keeper)
	s.ends(3.1, keeper)
}

// TestKeptLock distinguishes a lock that its holder never released from one that a goroutine may hold
// that came by when it was released.
func TestKeptLock(t *testing.T) {
	const (
		sure    = "abandoned-lock potential error mutex; acquired here and not released work; blocked here work"
		perhaps = "abandoned-lock suspected warning mutex; acquired here and not released work; blocked here work"
		unclear = "goroutine-leak suspected warning mutex; blocked here work"
	)
	for _, tt := range []struct {
		name  string
		write func(*tape)
		want  []string
	}{
		{"nobody else", func(s *tape) { s.hands(); s.ends(3.05, owner) }, []string{sure}},
		{"somebody ran", func(s *tape) { s.hands(); s.ends(3.05, owner); s.starts(other) }, []string{perhaps}},
		{"somebody slept", func(s *tape) { s.hands(); s.ends(3.05, owner); s.starts(other); s.sleeps(2.5, other) }, []string{sure}},
		{"who ran has ended", func(s *tape) { s.hands(); s.ends(3.05, owner); s.starts(other); s.ends(50, other) }, []string{sure}},
		{"who ran waits too", func(s *tape) { s.hands(); s.ends(3.05, owner); s.starts(other); s.parks(5, other) }, []string{sure}},
		{"the owner lives", func(s *tape) { s.hands() }, []string{unclear}},
		{"a user ran", func(s *tape) {
			s.starts(other)
			s.parks(0.1, other)
			s.hands()
			s.wakes(0.5, owner, other)
			s.ends(3.05, owner)
		}, []string{unclear}},
		{"another lock of its lines", func(s *tape) {
			s.starts(owner, keeper, waiter)
			s.parks(1, waiter)
			s.parks(2, keeper)
			s.wakes(3, owner, keeper)
			s.ends(3.05, owner)
			s.ends(3.1, keeper)
		}, []string{unclear}},
		{"released", func(s *tape) { s.hands(); s.wakes(3.09, keeper, waiter); s.ends(4, waiter) }, nil},
		{"released by who came by", func(s *tape) { s.hands(); s.starts(other); s.wakes(50, other, waiter); s.ends(51, waiter) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := new(tape)
			tt.write(s)
			tr := replay.New("by hand")
			rep := finding.NewReport(finding.Tool{Name: "test"})
			if err := tr.Run(context.Background(), s, leak.New(tr)); err != nil {
				t.Fatal(err)
			}
			tr.Finish(rep)
			passtest.Expect(t, rep.Findings, tt.want...)
		})
	}
}
