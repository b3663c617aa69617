package hang

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// unsure says that the goroutine may hold another lock of the kind.
func unsure(_ *world, g *Goroutine) { g.Holds[len(g.Holds)-1].Unsure = true }

// TestInferred holds what a witness gets that infers from source which goroutine holds what.
func TestInferred(t *testing.T) {
	inferred := func(write func(w *world)) func(w *world) {
		return func(w *world) {
			w.look.Inferred = true
			w.census.Complete = false
			write(w)
		}
	}
	still := func(w *world) {
		w.change(finding.Send, "c", func(u *Users) { u.Still, u.Ever = true, true })
	}
	const sendsUnderLock = "warning deadlock (suspected): 2 goroutines may be deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [2 3]"
	run(t, []scenario{
		{"sure holds", inferred(func(w *world) {
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), locks("A"))
		}), []string{"error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitB bank.go:5 and bank.waitA bank.go:5 [2 3]"}},
		{"an unsure hold", inferred(func(w *world) {
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), unsure, locks("A"))
		}), []string{"warning deadlock (suspected): 2 goroutines may be deadlocked at bank.waitB bank.go:5 and bank.waitA bank.go:5 [2 3]"}},
		{"an unsure hold, and another goroutine that may hold the lock goes on", inferred(func(w *world) {
			w.g(2, holds("A"), locks("B"))
			w.g(3, holds("B"), unsure, locks("A"))
			w.g(4, holds("B"), unsure)
		}), nil},
		{"itself", inferred(func(w *world) { w.g(2, holds("A"), unsure, locks("A")) }), []string{
			"warning self-deadlock (suspected): bank.waitA bank.go:5 may be deadlocked: it locks a mutex that the same goroutine seems to have locked at bank.takeA bank.go:5 [2]"}},
		{"a Once inside itself", inferred(func(w *world) { w.g(2, holds("O"), unsure, locks("O")) }), []string{
			"warning self-deadlock (suspected): bank.waitO bank.go:5 may be deadlocked: it calls Do of a Once inside the function of the same Once [2]"}},
		{"nothing has moved for long", inferred(func(w *world) {
			still(w)
			w.g(2, holds("A"), sends("c"))
			w.g(3, locks("A"))
		}), []string{sendsUnderLock}},
		{"the one that would end the wait waits for the lock", inferred(func(w *world) {
			w.used(finding.Send, "c", 3)
			w.g(2, holds("A"), sends("c"))
			w.g(3, locks("A"))
		}), []string{sendsUnderLock}},
		{"the collector has proven it", inferred(func(w *world) {
			still(w)
			w.g(2, holds("A"), unsure, sends("c"), unreachable)
			w.g(3, locks("A"), unreachable)
		}), []string{"error deadlock (potential): 2 goroutines are probably deadlocked at bank.waitc bank.go:5 and bank.waitA bank.go:5 [2 3]"}},
	})
}
