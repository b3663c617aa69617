package leak

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// object is a witness's object.
type object struct{ kind finding.ResourceKind }

func (o *object) Resource(finding.Mode, finding.Stack) finding.Resource {
	return finding.Resource{Kind: o.kind}
}

// witness says of each object what was seen of it.
type witness struct {
	users  map[hang.Case]hang.Users
	living map[uint64]hang.Peer
}

func (w *witness) Users(c hang.Case) hang.Users { return w.users[c] }

func (w *witness) Origins(judge.Object) ([]uint64, bool) { return nil, false }

func (w *witness) Services(*hang.Goroutine, hang.Case) ([]uint64, bool) { return nil, false }

func (w *witness) Unserved([]uint64) []uint64 { return nil }

func (w *witness) Census() *hang.Census {
	return &hang.Census{Living: w.living, Complete: true, Strict: true}
}

func at(function string) judge.Stack {
	return judge.Frames{{Func: "bank." + function, File: "/w/bank/bank.go", Line: len(function)}}
}

// leftovers are goroutines that wait, and what is known beside.
type leftovers struct {
	witness
	all   []hang.Goroutine
	about []Goroutine
}

// waits adds a goroutine that serve has started.
func (s *leftovers) waits(m finding.Mode, o *object, left Left, lasted time.Duration) *hang.Goroutine {
	id := uint64(len(s.all) + 2)
	c := hang.Case{Object: o, Mode: m}
	s.all = append(s.all, hang.Goroutine{
		ID: id, Created: at("serve"),
		Wait: &hang.Wait{Mode: m, Cases: []hang.Case{c}, Stack: at("work"), Lasted: lasted, Join: o.kind == finding.WaitGroup},
	})
	s.about = append(s.about, Goroutine{Left: left})
	s.living[id] = hang.Peer{}
	return &s.all[len(s.all)-1]
}

func (s *leftovers) used(m finding.Mode, o *object, u hang.Users) {
	s.users[hang.Case{Object: o, Mode: m}] = u
}

func TestJudge(t *testing.T) {
	channel, other := &object{finding.Channel}, &object{finding.Channel}
	group, mutex := &object{finding.WaitGroup}, &object{finding.Mutex}
	const one = "a goroutine was still waiting for "
	tests := []struct {
		name  string
		write func(s *leftovers)
		want  []string
	}{
		{"a sender of a test", func(s *leftovers) { s.waits(finding.Send, channel, ByTest, time.Minute) }, []string{
			"warning goroutine-leak (potential): " + one + "a receiver in bank.work bank.go:4 when its test ended, 1 of [0]",
		}},
		{"two of one place, of which one was proven", func(s *leftovers) {
			s.waits(finding.Send, channel, ByTest, time.Minute)
			s.waits(finding.Send, other, ByTest, time.Second).Proof = hang.Unreachable
		}, []string{"warning goroutine-leak (proven): 2 goroutines were still waiting for a receiver in bank.work bank.go:4 when its test ended, 2 of [1 0]"}},
		{"a sender of a program", func(s *leftovers) { s.waits(finding.Send, channel, ByProgram, time.Minute) }, []string{
			"warning goroutine-leak (potential): " + one + "a receiver in bank.work bank.go:4 when the program ended, 1 of [0]",
		}},
		{"a proven one of a process that was ended", func(s *leftovers) {
			s.waits(finding.Receive, channel, ByProcess, time.Minute).Proof = hang.Unreachable
		}, []string{"warning goroutine-leak (proven): " + one + "a message in bank.work bank.go:4 when the process ended, 1 of [0]"}},
		{"a worker of a test", func(s *leftovers) { s.waits(finding.Receive, channel, ByTest, time.Minute) }, []string{
			"info goroutine-leak (suspected): " + one + "a message in bank.work bank.go:4 when its test ended, 1 of [0]",
		}},
		{"a worker of a program", func(s *leftovers) { s.waits(finding.Receive, channel, ByProgram, time.Minute) }, nil},
		{"one that goes on with its test", func(s *leftovers) { s.waits(finding.Send, channel, No, time.Minute) }, nil},
		{"a sender whose receiver goes on", func(s *leftovers) {
			s.waits(finding.Send, channel, ByTest, time.Minute)
			s.used(finding.Send, channel, hang.Users{Living: []uint64{9}, Ever: true})
			s.living[9] = hang.Peer{}
		}, nil},
		{"a sender whose receivers may be forgotten", func(s *leftovers) {
			s.waits(finding.Send, channel, ByTest, time.Minute)
			s.used(finding.Send, channel, hang.Users{More: true})
		}, nil},
		{"a wait group that was counted down before", func(s *leftovers) {
			s.waits(finding.Await, group, ByTest, time.Minute)
			s.used(finding.Await, group, hang.Users{Ever: true})
		}, []string{"warning goroutine-leak (potential): " + one + "a Done in bank.work bank.go:4 when its test ended, 1 of [0]"}},
		{"a wait group that never was", func(s *leftovers) { s.waits(finding.Await, group, ByTest, time.Minute) }, []string{
			"warning goroutine-leak (suspected): " + one + "a Done in bank.work bank.go:4 when its test ended, 1 of [0]",
		}},
		{"a lock that another leak holds", func(s *leftovers) {
			s.waits(finding.Exclusive, mutex, ByTest, time.Minute)
			s.waits(finding.Send, channel, ByTest, time.Minute).Holds = []judge.Hold{{Lock: mutex, Stack: at("take")}}
		}, []string{"warning goroutine-leak (potential): 2 goroutines were still waiting for a lock in bank.work bank.go:4 when its test ended, 2 of [0 1]"}},
		{"a moment after its test ended", func(s *leftovers) {
			s.waits(finding.Send, channel, ByTest, time.Minute)
			s.about[0].Doubtful = true
		}, []string{"warning goroutine-leak (suspected): " + one + "a receiver in bank.work bank.go:4 when its test ended, 1 of [0]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &leftovers{witness: witness{users: make(map[hang.Case]hang.Users), living: make(map[uint64]hang.Peer)}}
			tt.write(s)
			var got []string
			for _, l := range Judge(&hang.Look{Goroutines: s.all, Knowledge: &s.witness}, s.about) {
				got = append(got, fmt.Sprintf("%s %s, %d of %v", l.Severity, l.Headline(), l.Count, l.Members))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("leaks (-want +got):\n%s", diff)
			}
		})
	}
}
