package verdict

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

func TestPlaces(t *testing.T) {
	hold := func(w *world, at finding.Stack) {
		w.t.Holdings = append(w.t.Holdings, tape.Holding{Kind: tape.Mutex, Stack: at, Count: 1})
	}
	// line is a place of a function other than its first.
	line := func(fn string, n int) finding.Stack {
		s := at(fn)
		s[1].Line = n
		return s
	}
	for _, tt := range []struct {
		name  string
		write func(w *world)
		want  []string
	}{
		{"a send that a close may overtake", func(w *world) {
			g, h := pair(w)
			c, own := w.channel(), w.channel()
			g.use(c, tape.Send, "send")
			h.use(c, tape.Close, "close")
			g.use(own, tape.Send, "fills")
			g.use(own, tape.Close, "closesItsOwn")
		}, []string{"bank.send"}},
		{"a close that may be the second", func(w *world) {
			g, h := pair(w)
			c := w.channel()
			g.use(c, tape.Close, "one")
			h.use(c, tape.Close, "other")
		}, []string{"bank.one", "bank.other"}},
		{"an Add that a Wait may overtake", func(w *world) {
			g, h := pair(w)
			late, fine := w.group(), w.group()
			g.use(late, tape.Add, "adds")
			h.use(late, tape.Await, "waits")
			h.use(fine, tape.Add, "addsBefore")
			h.use(fine, tape.Await, "waits")
		}, []string{"bank.adds"}},
		{"a lock under which somebody waits", func(w *world) {
			hold(w, at("client"))
			hold(w, at("server"))
			w.t.Blockings = []tape.Blocking{{Kind: tape.Chan, Stack: at("asks"), Under: at("client"), Count: 1}}
		}, []string{"bank.server"}},
		{"a lock under which somebody waits for another", func(w *world) {
			hold(w, at("client"))
			hold(w, at("server"))
			w.t.Blockings = []tape.Blocking{{Kind: tape.Mutex, Stack: at("asks"), Under: at("client"), Count: 1}}
		}, nil},
		{"the second of two sections", func(w *world) {
			hold(w, line("update", 9))
			hold(w, line("update", 5))
			hold(w, at("reads"))
		}, []string{"bank.update"}},
		{"a cond that is signalled without its lock", func(w *world) {
			g, h := pair(w)
			c, other := w.object(tape.Cond), w.object(tape.Cond)
			g.use(c, tape.Await, "await")
			w.t.Misuses = []tape.Misuse{
				{Rule: finding.RuleSignalWithoutLock, Goroutine: h.id, Object: c, Stack: at("signal")},
				{Rule: finding.RuleSignalWithoutLock, Goroutine: h.id, Object: other, Stack: at("signalsNobody")},
			}
		}, []string{"bank.await", "bank.signal"}},
		{"a channel as a semaphore", func(w *world) {
			g, h := pair(w)
			slots, tokens, pipe := w.channel(), w.channel(), w.channel()
			g.use(slots, tape.Send, "acquire")
			g.use(slots, tape.Recv, "release")
			h.use(tokens, tape.Recv, "take")
			h.use(tokens, tape.Send, "giveBack")
			g.use(pipe, tape.Send, "produce")
			h.use(pipe, tape.Recv, "consume")
		}, []string{"bank.acquire", "bank.take"}},
		{"a semaphore under a lock", func(w *world) {
			g, _ := pair(w)
			asks := append(finding.Stack{{Func: semaphorePackage + ".(*Weighted).Acquire", File: "/mod/semaphore.go", Line: 1}}, at("list")...)
			w.t.Dependencies = []tape.Dependency{{Goroutine: g.id, Lock: w.mutex(), Stack: asks, Held: []tape.Hold{{Object: w.mutex(), Stack: at("locks")}}}}
		}, []string{"bank.list"}},
		{"what comes before a wait for a condition", func(w *world) {
			hold(w, at("await"))
			hold(w, at("wake"))
			g, _ := pair(w)
			g.use(w.object(tape.Cond), tape.Await, "await")
		}, []string{"bank.await"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.write(w)
			var got []string
			var p places
			newScene(&w.t, new(naming.Namer)).findPlaces(&p)
			for _, f := range p.list {
				got = append(got, f.Func)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
