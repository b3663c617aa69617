package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/sentences"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// limited is a tape, what a watcher has seen of it, and what must be said about limits: the
// rule, the severity and the function of the first goroutine.
type limited struct {
	name  string
	write func(w *world, m *motion)
	want  []string
}

func (l *limited) run(t *testing.T) {
	w, m := newWorld(), new(motion)
	l.write(w, m)
	s := newScene(&w.t, new(naming.Namer))
	var got []string
	for _, p := range s.allOverLimits(Limits{}, s.judge(DefaultSelfWait), &followed{motion: *m}) {
		f := &p.Finding
		sentences.Hold(t, *f)
		g := f.Goroutines[0]
		at := "waits in " + "?"
		if f.Rule == finding.RuleHeldLong {
			at = "took in " + g.Holds[0].Stack.Site().ShortFunc()
		} else if g.Wait != nil {
			at = "waits in " + g.Wait.Stack.Site().ShortFunc()
		}
		got = append(got, string(f.Rule)+" "+f.Severity.String()+" "+at)
	}
	if !slices.Equal(got, l.want) {
		t.Errorf("got %q, want %q", got, l.want)
	}
}

const minute = time.Minute

func TestLimits(t *testing.T) {
	x := lockorder.Exclusive
	forget := func(a *actor) { a.g().Held[0].Since = 0 }
	for _, l := range []limited{
		{"a holder of which the time is known", func(w *world, _ *motion) {
			a := w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			h.blockOn(a, x, "takeSecond")
			w.later(minute)
		}, []string{"held-long warning took in bank.takeFirst"}},
		{"not long enough", func(w *world, _ *motion) {
			a := w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			h.blockOn(a, x, "takeSecond")
			w.later(DefaultLimit / 2)
		}, nil},
		{"a holder that waits for a channel", func(w *world, _ *motion) {
			a, c := w.mutex(), w.channel()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			forget(g)
			g.wait(c, tape.Recv, "receive")
			h.blockOn(a, x, "takeSecond")
			w.later(minute)
			w.start(7, nil).use(c, tape.Send, "send") // which may send again
		}, []string{"held-long error took in bank.takeFirst"}},
		{"a holder that was not seen to move", func(w *world, m *motion) {
			a := w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			forget(g)
			h.blockOn(a, x, "takeSecond")
			m.see(&w.t)
			w.later(minute)
		}, []string{"held-long warning took in bank.takeFirst"}},
		{"a tape that is read once", func(w *world, _ *motion) {
			a := w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			forget(g)
			h.blockOn(a, x, "takeSecond")
			w.later(minute)
		}, []string{"waited-long warning waits in bank.takeSecond"}},
		{"a lock that changes hands", func(w *world, _ *motion) {
			a := w.mutex()
			g, h := pair(w)
			h.blockOn(a, x, "takeSecond")
			w.later(minute)
			g.lock(a, "takeFirst")
		}, []string{"waited-long warning waits in bank.takeSecond"}},
		{"a process that was stopped", func(w *world, m *motion) {
			a := w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			h.blockOn(a, x, "takeSecond")
			w.later(minute)
			m.stopped = w.t.Now
		}, nil},
		{"a deadlock says more", func(w *world, _ *motion) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.lock(a, "takeFirst")
			h.lock(b, "takeFirst")
			g.blockOn(b, x, "takeSecond")
			h.blockOn(a, x, "takeSecond")
			w.start(8, nil).blockOn(a, x, "suffer")
			w.later(minute)
		}, nil},
		{"idle goroutines", func(w *world, _ *motion) {
			a, c, cond := w.mutex(), w.channel(), w.object(tape.Cond)
			g, h := pair(w)
			g.lock(a, "takeFirst") // for life
			g.wait(c, tape.Recv, "receive")
			h.wait(cond, tape.Await, "await")
			w.later(time.Hour)
		}, nil},
	} {
		t.Run(l.name, l.run)
	}
}
