package verdict

import (
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// askStep is one reading of a tape: what happened before, which goroutines are believed to hang, and
// whether the process is to be asked.
type askStep struct {
	before      func(w *world)
	believed    uint64
	due, insist bool
}

// looked has the collector look for so many nanoseconds and find no goroutine.
func looked(took int64) func(w *world) {
	return func(w *world) {
		w.t.Looks.Count++
		w.t.Looks.Last, w.t.Looks.LastCost = w.t.Now, took
		w.later(time.Second)
	}
}

func passes(d time.Duration) func(w *world) { return func(w *world) { w.later(d) } }

// steps has goroutine 3 do much.
func steps(d time.Duration) func(w *world) {
	return func(w *world) {
		w.later(d)
		w.t.Goroutines[2].Seq += uint64(10_000 * d / time.Second)
	}
}

func TestAsker(t *testing.T) {
	idle := func(w *world, g *actor) { g.wait(w.channel(), tape.Recv, "waits") }
	tests := []struct {
		what  string
		wait  func(w *world, g *actor) // of goroutine 2
		steps []askStep
	}{
		{"once about one wait", idle, []askStep{
			{before: passes(time.Second / 4)},
			{before: passes(time.Second), due: true},
			{before: looked(1000)},
			{before: passes(time.Hour)},
		}},
		{"again where something happened, and later each time", idle, []askStep{
			{before: passes(2 * time.Second), due: true},
			{before: looked(1000)},
			{before: func(w *world) { steps(time.Second / 10)(w); w.later(time.Second / 2) }}, // it has waited for less than 4 s
			{before: passes(time.Second), due: true},
			{before: looked(1000)},
			{before: func(w *world) { steps(time.Second / 10)(w); w.later(5 * time.Second) }},
			{before: passes(6 * time.Second), due: true},
		}},
		{"not where others get on", idle, []askStep{
			{before: steps(2 * time.Second)},
			{before: steps(time.Minute)},
		}},
		{"there of who is believed to hang", idle, []askStep{
			{before: steps(2 * time.Second), believed: 2, due: true, insist: true},
			{before: looked(1000), believed: 2},
		}},
		{"not while it rests", idle, []askStep{
			{before: passes(2 * time.Second), due: true},
			{before: looked(int64(time.Second))},
			{before: func(w *world) {
				w.later(10 * time.Second)
				idle(w, w.start(9, nil))
				w.later(10 * time.Second)
			}},
			{before: passes(90 * time.Second), due: true},
		}},
		{"not for a timer", func(w *world, g *actor) {
			g.sel("waits", tape.Case{Object: w.channel(), Side: tape.Recv}, tape.Case{Object: w.channel(), Side: tape.Recv, Timer: true})
		}, []askStep{{before: passes(time.Minute)}}},
		{"not for a test", func(w *world, g *actor) { g.inTest(w.channel()) }, []askStep{{before: passes(time.Minute)}}},
		{"not for who is lost", func(w *world, g *actor) { idle(w, g); g.g().Leaked = true }, []askStep{{before: passes(time.Minute)}}},
		{"not where it cannot be told", func(w *world, g *actor) { idle(w, g); w.t.Looks.Blind = tape.Old }, []askStep{{before: passes(time.Minute)}}},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			w := newWorld()
			main := w.start(1, nil)
			g := w.start(2, main)
			w.start(3, main)
			tt.wait(w, g)
			var a asker
			a.read(&w.t)
			for i, step := range tt.steps {
				step.before(w)
				due, insist := a.isDue(&w.t, map[uint64]bool{step.believed: true}, int64(DefaultSelfWait))
				if due != step.due || insist != step.insist {
					t.Fatalf("reading %d: due %v, insist %v, want %v, %v", i+1, due, insist, step.due, step.insist)
				}
			}
		})
	}
}

// TestAskRefusedLate asks again where the refusal took longer than it is waited for.
func TestAskRefusedLate(t *testing.T) {
	w := newWorld()
	g := w.start(2, w.start(1, nil))
	g.wait(w.channel(), tape.Recv, "waits")
	var a asker
	a.read(&w.t)
	w.later(2 * time.Second)
	if due, _ := a.isDue(&w.t, nil, int64(DefaultSelfWait)); !due {
		t.Fatal("it is not asked")
	}
	var answer reply
	for range 2 {
		if a.hear(&answer, 0, w.t.Now) {
			t.Error("there was a look before there was an answer")
		}
		w.later(time.Minute)
		if due, _ := a.isDue(&w.t, nil, int64(DefaultSelfWait)); due {
			t.Error("it is asked again before it has answered")
		}
	}
	answer = reply{why: tape.Busy, answered: true}
	a.hear(&answer, 0, w.t.Now)
	w.later(time.Minute)
	if due, _ := a.isDue(&w.t, nil, int64(DefaultSelfWait)); !due {
		t.Error("it is not asked again after the refusal")
	}
}

// reply is a process that answers what it is told to.
type reply struct {
	why      tape.Refusal
	answered bool
}

func (r *reply) AwaitAnswer(time.Duration) (why tape.Refusal, answered bool) {
	return r.why, r.answered
}

// TestAskRefused leaves a process alone that computes, longer each time.
func TestAskRefused(t *testing.T) {
	w := newWorld()
	g := w.start(2, w.start(1, nil))
	g.wait(w.channel(), tape.Recv, "waits")
	var a asker
	a.read(&w.t)
	var at []time.Duration
	for began := w.t.Now; len(at) < 5; w.later(time.Second / 4) {
		if due, _ := a.isDue(&w.t, nil, int64(DefaultSelfWait)); due {
			a.refused(w.t.Now)
			at = append(at, time.Duration(w.t.Now-began).Round(time.Second))
		}
	}
	for i := 2; i < len(at); i++ {
		if pause, before := at[i]-at[i-1], at[i-1]-at[i-2]; pause != 2*before {
			t.Errorf("it is asked after %v", at)
		}
	}
}
