package verdict

import (
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

func TestStandstill(t *testing.T) {
	w := newWorld()
	main := w.start(1, nil)
	g := w.start(2, main)
	main.wait(w.channel(), tape.Recv, "waits")
	var s standstill
	for i, step := range []struct {
		what string
		do   func()
		want time.Duration
	}{
		{"a goroutine runs", func() {}, 0},
		{"it waits too", func() { g.wait(w.channel(), tape.Send, "sends") }, 0},
		{"for a second", func() { w.later(time.Second) }, time.Second},
		{"for two", func() { w.later(time.Second) }, 2 * time.Second},
		{"it has waited for another message", func() { g.g().Seq += 4 }, 0},
		{"for a second", func() { w.later(time.Second) }, time.Second},
		{"for a timer", func() { g.g().Wait.Cases[0].Timer = true }, 0},
		{"for a second", func() { w.later(time.Second) }, 0},
		{"not any longer", func() { g.g().Wait.Cases[0].Timer = false }, 0},
		{"for a second", func() { w.later(time.Second) }, time.Second},
	} {
		step.do()
		if got := s.lasted(&w.t); got != int64(step.want) {
			t.Errorf("step %d, %s: %v, want %v", i, step.what, time.Duration(got), step.want)
		}
	}
}
