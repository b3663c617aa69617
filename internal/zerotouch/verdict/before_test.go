package verdict

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// say has a goroutine send its n-th message on a channel, which leads to the locks.
func (a *actor) say(c tape.Object, n uint32, locks ...tape.Object) {
	a.use(c, tape.Send, "send")
	a.use(c, tape.Ordering, "send")
	u := &a.w.t.Uses[len(a.w.t.Uses)-1]
	u.Number = n
	for _, l := range locks {
		u.Transfers = append(u.Transfers, tape.Block{Addr: l.Addr, Size: 8})
	}
}

// hear has a goroutine receive the n-th message.
func (a *actor) hear(c tape.Object, n uint32) {
	a.use(c, tape.Recv, "receive")
	a.use(c, tape.Join, "receive")
	a.w.t.Uses[len(a.w.t.Uses)-1].Number = n
}

func TestMessages(t *testing.T) {
	suspected := []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}
	potential := []brief{ring("lock-cycle", "potential", finding.Mutex, 2)}
	runAll(t, []scenario{
		{"before the message of the only sender", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			g, h := pair(w)
			g.nest("f", a, b)
			g.say(c, 1)
			h.hear(c, 1)
			h.nest("g", b, a)
		}, suspected},
		{"before the second message, of which the first was received", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			g, h := pair(w)
			g.nest("f", a, b)
			g.say(c, 2)
			h.hear(c, 1)
			h.nest("g", b, a)
		}, potential},
		{"again after the message", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			g, h := pair(w)
			g.nest("f", a, b)
			g.say(c, 1)
			h.hear(c, 1)
			g.nest("f", a, b)
			h.nest("g", b, a)
		}, potential},
		{"before one of two messages, of which both were received", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g, h := w.start(2, main), w.start(3, main)
			g.nest("f", a, b)
			g.say(c, 1)
			h.nest("f", a, b)
			h.say(c, 1)
			main.hear(c, 1)
			main.hear(c, 2)
			main.nest("g", b, a)
		}, suspected},
		{"before one of two messages, of which one was received", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g, h := w.start(2, main), w.start(3, main)
			g.nest("f", a, b)
			g.say(c, 1)
			h.nest("f", a, b)
			h.say(c, 1)
			main.hear(c, 1)
			main.nest("g", b, a)
		}, potential},
		{"before a message on a channel that another goroutine uses too", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g, h := w.start(2, main), w.start(3, main)
			h.use(c, tape.Send, "other")
			g.nest("f", a, b)
			g.say(c, 1)
			main.hear(c, 1)
			main.nest("g", b, a)
		}, potential},
		{"through a goroutine that has ended", func(w *world) {
			a, b := w.mutex(), w.mutex()
			main := w.start(1, nil)
			main.nest("f", a, b)
			between := w.start(2, main)
			w.t.Births = append(w.t.Births, tape.Birth{Goroutine: 2, After: 1, Before: between.g().Born})
			last := w.start(3, between)
			between.end()
			last.nest("g", b, a)
		}, suspected},
		{"after the birth of a goroutine that has ended", func(w *world) {
			a, b := w.mutex(), w.mutex()
			main := w.start(1, nil)
			between := w.start(2, main)
			w.t.Births = append(w.t.Births, tape.Birth{Goroutine: 2, After: 1, Before: between.g().Born})
			last := w.start(3, between)
			between.end()
			main.nest("f", a, b)
			last.nest("g", b, a)
		}, potential},
		{"of a lock that was given away", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g, h, other := w.start(2, main), w.start(3, main), w.start(4, main)
			other.use(c, tape.Send, "other")
			g.nest("f", a, b)
			g.say(c, 1, a)
			h.use(c, tape.Recv, "receive")
			h.nest("g", b, a)
		}, suspected},
		{"of a lock that was given to another goroutine", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g, h, other := w.start(2, main), w.start(3, main), w.start(4, main)
			other.use(c, tape.Recv, "other")
			g.nest("f", a, b)
			g.say(c, 1, a)
			h.nest("g", b, a)
		}, potential},
	})
}
