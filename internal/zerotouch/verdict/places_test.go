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
