package verdict

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// semaphore is a channel with room that is used as one.
func (w *world) semaphore(permits uint32) (o tape.Object, m lockorder.Mode) {
	o = w.channel()
	w.t.Uses = append(w.t.Uses, tape.Use{Goroutine: 9, Time: w.tick(), Object: o, Side: tape.Permit, Number: permits, Stack: at("release")})
	if permits > 1 {
		m = lockorder.Shared
	}
	return o, m
}

// permit has a goroutine take a permit, and more locks under it.
func (a *actor) permit(o tape.Object, m lockorder.Mode, locks ...tape.Object) {
	a.take(o, m, "takeFirst")
	for _, l := range locks {
		a.lock(l, "takeSecond")
	}
	a.unlock(1 + len(locks))
}

func TestSemaphores(t *testing.T) {
	cycle := func(certainty string) []brief {
		b := ring("lock-cycle", certainty, finding.Mutex, 2)
		b.Resources = []finding.ResourceKind{finding.Mutex, finding.Semaphore}
		return []brief{b}
	}
	// program has goroutines take the lock under a permit, and one take a permit under it.
	program := func(permits uint32, under int) func(w *world) {
		return func(w *world) {
			l := w.mutex()
			o, m := w.semaphore(permits)
			main := w.start(1, nil)
			for i := range under {
				w.start(uint64(i+10), main).permit(o, m, l)
			}
			g := w.start(2, main)
			g.lock(l, "takeFirst")
			g.take(o, m, "takeSecond")
			g.unlock(2)
		}
	}
	runAll(t, []scenario{
		{"of one", program(1, 1), cycle("potential")},
		{"of two, held by two", program(2, 2), cycle("potential")},
		{"of three, held by two", program(3, 2), cycle("suspected")},
		{"of a hundred, held by many", program(100, lockorder.MaxGoroutines), cycle("potential")},
		{"of one, never with the lock before it", func(w *world) {
			l := w.mutex()
			o, m := w.semaphore(1)
			g, h := pair(w)
			g.permit(o, m, l)
			h.permit(o, m, l)
		}, nil},
		{"a queue", func(w *world) {
			program(1, 1)(w)
			w.t.Uses = append(w.t.Uses, tape.Use{Goroutine: 3, Time: w.tick(), Object: w.t.Uses[0].Object, Side: tape.Queue})
		}, nil},
		{"a channel of which no permit was given back", func(w *world) {
			program(1, 1)(w)
			w.t.Uses = nil
		}, nil},
		{"two locks in both orders behind one", func(w *world) {
			a, b := w.mutex(), w.mutex()
			o, m := w.semaphore(1)
			g, h := pair(w)
			g.permit(o, m, a, b)
			h.permit(o, m, b, a)
		}, nil},
		{"two locks in both orders behind two", func(w *world) {
			a, b := w.mutex(), w.mutex()
			o, m := w.semaphore(2)
			g, h := pair(w)
			g.permit(o, m, a, b)
			h.permit(o, m, b, a)
		}, []brief{{"lock-cycle", "potential", []finding.ResourceKind{finding.Mutex, finding.Mutex},
			[]string{"bank.takeSecond", "bank.takeSecond"}, []string{"bank.takeSecond", "bank.takeSecond"}}}},
	})
}
