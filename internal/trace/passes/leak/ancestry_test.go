package leak_test

import (
	"context"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/passes/leak"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// The goroutines of a family: the root lives, the parent has the other two.
const (
	root stream.GID = iota + 1
	parent
	sender
	receiver
	fifth
)

// creates lets a goroutine start another one, which runs at once.
func (s *tape) creates(at float64, by, g stream.GID) {
	s.add(at, stream.Event{Kind: stream.GoCreate, G: g, Arg: 10 + uint64(g), By: by, ByStack: unlockStack, Stack: lockStack, To: stream.Runnable})
	s.add(at+0.001, stream.Event{Kind: stream.GoState, G: g, From: stream.Runnable, To: stream.Running})
}

// awaits lets a goroutine wait at a line, for what is no lock.
func (s *tape) awaits(at float64, g stream.GID, reason stream.Reason, stack stream.StackID) {
	s.add(at, stream.Event{Kind: stream.GoState, G: g, From: stream.Running, To: stream.Waiting, Reason: reason, Stack: stack})
}

// family lets a receiver get something from its sibling, and wait for more.
func (s *tape) family() {
	s.starts(root)
	s.creates(1, root, parent)
	s.creates(1.5, parent, sender)
	s.creates(1.5, parent, receiver)
	s.awaits(2, receiver, stream.ChanRecv, lockStack)
	s.wakes(3, sender, receiver)
	s.awaits(4, receiver, stream.ChanRecv, lockStack)
}

func (s *tape) end(gs ...stream.GID) {
	for _, g := range gs {
		s.ends(6, g)
	}
}

// TestAncestry holds that a goroutine is stuck only if all have ended from which those descend
// that were seen to end waits like its own.
func TestAncestry(t *testing.T) {
	const stuck = "stuck suspected warning channel; blocked here work; created here work; last woken here work"
	for _, tt := range []struct {
		name  string
		write func(*tape)
		want  []string
	}{
		{"all ended", func(s *tape) { s.family(); s.end(parent, sender) }, []string{stuck}},
		{"the sender lives", func(s *tape) { s.family(); s.end(parent) }, nil},
		{"the parent lives", func(s *tape) { s.family(); s.end(sender) }, nil},
		{"a sibling lives", func(s *tape) { s.family(); s.creates(5, parent, fifth); s.end(parent, sender) }, nil},
		{"a nephew lives", func(s *tape) { s.family(); s.creates(5, sender, fifth); s.end(parent, sender) }, nil},
		{"a child lives", func(s *tape) { s.family(); s.creates(5, receiver, fifth); s.end(parent, sender) }, nil},
		{"a unrelated lives", func(s *tape) { s.family(); s.creates(5, root, fifth); s.end(parent, sender) }, []string{stuck}},
		{"the root came by", func(s *tape) {
			s.family()
			s.wakes(4.5, root, receiver)
			s.awaits(5, receiver, stream.ChanRecv, lockStack)
			s.end(parent, sender)
		}, nil},
		{"a timer", func(s *tape) {
			s.family()
			s.wakes(4.5, 0, receiver)
			s.awaits(5, receiver, stream.ChanRecv, lockStack)
			s.end(parent, sender)
		}, nil},
		{"another waiter's unrelated", func(s *tape) {
			s.family()
			s.creates(4.2, root, fifth)
			s.awaits(4.4, fifth, stream.ChanRecv, lockStack)
			s.starts(fifth + 1)
			s.wakes(4.6, fifth+1, fifth)
			s.end(parent, sender, fifth)
		}, nil},
		{"a select", func(s *tape) {
			s.family()
			s.wakes(4.5, sender, receiver)
			s.awaits(5, receiver, stream.Select, lockStack)
			s.end(parent, sender)
		}, nil},
		{"nobody was ever woken", func(s *tape) {
			s.starts(root)
			s.creates(1, root, parent)
			s.creates(1.5, parent, receiver)
			s.awaits(2, receiver, stream.ChanRecv, lockStack)
			s.end(parent)
		}, []string{"goroutine-leak suspected info channel; blocked here work; created here work"}},
		{"the parent waits for it", func(s *tape) {
			s.family()
			s.creates(4.1, parent, fifth)
			s.awaits(4.2, parent, stream.WaitGroup, unlockStack)
			s.wakes(4.5, fifth, parent)
			s.awaits(5, parent, stream.WaitGroup, unlockStack)
			s.end(sender, fifth)
		}, []string{stuck, "stuck suspected warning waitgroup; blocked here work; created here work; last woken here work"}},
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
