package verdict

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// ring is the brief of n goroutines that each took a lock in one place and ask for the
// next one's in another.
func ring(rule finding.RuleID, certainty string, kind finding.ResourceKind, n int) brief {
	b := brief{Rule: rule, Certainty: certainty}
	for range n {
		b.Resources = append(b.Resources, kind)
		b.Holds = append(b.Holds, "bank.takeFirst")
		b.Waits = append(b.Waits, "bank.takeSecond")
	}
	return b
}

// pair starts two goroutines of main that live side by side.
func pair(w *world) (a, b *actor) {
	main := w.start(1, nil)
	return w.start(2, main), w.start(3, main)
}

func TestCycles(t *testing.T) {
	runAll(t, []scenario{
		{"AB-BA", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.nest("f", a, b)
			h.nest("g", b, a)
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 2)}},
		{"ring of three, of goroutines that have ended", func(w *world) {
			locks := []tape.Object{w.mutex(), w.mutex(), w.mutex()}
			main := w.start(1, nil)
			for i := range locks {
				g := w.start(uint64(i+2), main)
				g.nest("f", locks[i], locks[(i+1)%3])
				g.end()
			}
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 3)}},
		{"many instances, one pair of places", func(w *world) {
			g, h := pair(w)
			for range 20 {
				a, b := w.mutex(), w.mutex()
				g.nest("f", a, b)
				h.nest("g", b, a)
			}
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 2)}},
		{"one wrong place on two rings", func(w *world) {
			a, b, c := w.mutex(), w.mutex(), w.mutex()
			main := w.start(1, nil)
			g, h, i, j := w.start(2, main), w.start(3, main), w.start(4, main), w.start(5, main)
			for _, each := range []*actor{g, h} {
				each.lock(a, "takeFirst")
				each.lock(b, "takeSecond")
				each.lock(a, "again")
				each.g().Held = nil
			}
			h.lock(b, "takeFirst")
			h.lock(c, "takeSecond")
			i.lock(b, "takeFirst")
			i.lock(c, "other")
			j.lock(c, "takeFirst")
			j.lock(a, "takeSecond")
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 3)}},
		{"gate lock", func(w *world) {
			gate, a, b := w.mutex(), w.mutex(), w.mutex()
			g, h := pair(w)
			g.nest("f", gate, a, b)
			h.nest("g", gate, b, a)
		}, nil},
		{"one goroutine", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, _ := pair(w)
			g.nest("f", a, b)
			g.nest("g", b, a)
		}, nil},
		{"readers only", func(w *world) {
			a, b := w.rw(), w.rw()
			g, h := pair(w)
			g.rlock(a, "takeFirst")
			g.rlock(b, "takeSecond")
			h.rlock(b, "takeFirst")
			h.rlock(a, "takeSecond")
		}, nil},
		{"a try waits for nothing", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.nest("f", a, b)
			h.nest("g", b, a)
			w.t.Dependencies[1].Try = true
		}, nil},
		{"before the other was started", func(w *world) {
			a, b := w.mutex(), w.mutex()
			main := w.start(1, nil)
			main.nest("f", a, b)
			w.start(2, main).nest("g", b, a)
		}, []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}},
		{"before a grandchild was started", func(w *world) {
			a, b := w.mutex(), w.mutex()
			main := w.start(1, nil)
			main.nest("f", a, b)
			w.start(3, w.start(2, main)).nest("g", b, a)
		}, []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}},
		{"after the other was awaited", func(w *world) {
			a, b, wg := w.mutex(), w.mutex(), w.group()
			main := w.start(1, nil)
			g := w.start(2, main)
			g.nest("g", b, a)
			main.use(wg, tape.Await, "Run")
			g.use(wg, tape.Done, "g")
			g.end()
			main.nest("f", a, b)
		}, []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}},
		{"done before it took anything", func(w *world) {
			a, b, wg := w.mutex(), w.mutex(), w.group()
			main := w.start(1, nil)
			g := w.start(2, main)
			main.use(wg, tape.Await, "Run")
			g.use(wg, tape.Done, "g")
			g.nest("g", b, a)
			main.nest("f", a, b)
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 2)}},
		{"before a channel was closed that the other found closed", func(w *world) {
			a, b, over := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			g.nest("g", b, a)
			g.use(over, tape.Close, "g")
			g.end()
			main.use(over, tape.SawClosed, "Stop")
			main.nest("f", a, b)
		}, []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}},
		{"before it was closed by a goroutine that goes on", func(w *world) {
			a, b, over := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			g.nest("g", b, a)
			g.use(over, tape.Close, "g")
			main.use(over, tape.SawClosed, "Stop")
			main.nest("f", a, b)
		}, []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}},
		{"before the other finds it closed", func(w *world) {
			a, b, over := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			g.nest("g", b, a)
			g.use(over, tape.Close, "g")
			g.end()
			main.nest("f", a, b)
			main.use(over, tape.SawClosed, "Stop")
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 2)}},
		{"before a test found it closed", func(w *world) {
			a, b, over := w.mutex(), w.mutex(), w.channel()
			main := w.start(1, nil)
			g := w.start(2, main)
			g.nest("g", b, a)
			g.use(over, tape.Close, "g")
			g.end()
			main.use(over, tape.SawClosed, "Stop")
			main.nest("f", a, b)
			for i := range w.t.Uses {
				if s := w.t.Uses[i].Stack; w.t.Uses[i].Side == tape.SawClosed {
					s[1].File = "bank_test.go"
				}
			}
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 2)}},
		{"tests one after the other", func(w *world) {
			a, b := w.mutex(), w.mutex()
			main := w.start(1, nil)
			w.test(2, main, "TestA").nest("f", a, b)
			w.endTest("TestA")
			w.test(3, main, "TestB").nest("g", b, a)
		}, []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}},
		{"tests side by side", func(w *world) {
			a, b := w.mutex(), w.mutex()
			main := w.start(1, nil)
			g, h := w.test(2, main, "TestA"), w.test(3, main, "TestB")
			g.nest("f", a, b)
			w.endTest("TestA")
			h.nest("g", b, a)
		}, []brief{ring("lock-cycle", "potential", finding.Mutex, 2)}},
		{"in a test, and in what runs the tests", func(w *world) {
			a, b := w.mutex(), w.mutex()
			main := w.start(1, nil)
			w.test(2, main, "TestA").nest("f", a, b)
			main.nest("g", b, a)
		}, []brief{ring("lock-cycle", "suspected", finding.Mutex, 2)}},
		{"a lock that others release", func(w *world) {
			a, b := w.mutex(), w.mutex()
			g, h := pair(w)
			g.nest("f", a, b)
			h.nest("g", b, a)
			w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Goroutine: 3, Object: b, Stack: at("free")}}
		}, []brief{
			{"foreign-unlock", "observed", []finding.ResourceKind{finding.Mutex}, nil, []string{"bank.free"}},
			ring("lock-cycle", "suspected", finding.Mutex, 2),
		}},
		{"a place whose locks others release", func(w *world) {
			a, b, other := w.mutex(), w.mutex(), w.mutex()
			g, h := pair(w)
			g.nest("f", a, b)
			h.nest("g", b, a)
			w.t.Misuses = []tape.Misuse{{Rule: "foreign-unlock", Goroutine: 3, Object: other, Stack: at("free"), Other: at("takeFirst")}}
		}, []brief{
			{"foreign-unlock", "observed", []finding.ResourceKind{finding.Mutex}, nil, []string{"bank.free"}},
			ring("lock-cycle", "suspected", finding.Mutex, 2),
		}},
		{"kinds of locks in both orders", func(w *world) {
			g, h := pair(w)
			a, b, c, d := w.mutex(), w.mutex(), w.mutex(), w.mutex()
			g.lock(a, "lockAccount", "f")
			g.lock(b, "lockLedger", "f")
			h.lock(d, "lockLedger", "g")
			h.lock(c, "lockAccount", "g")
		}, []brief{{
			"lock-cycle", "suspected", []finding.ResourceKind{finding.Mutex, finding.Mutex, finding.Mutex, finding.Mutex},
			[]string{"bank.lockAccount", "bank.lockLedger"}, []string{"bank.lockAccount", "bank.lockLedger"},
		}}},
		{"one function takes both kinds", func(w *world) {
			g, h := pair(w)
			a, b, c, d := w.mutex(), w.mutex(), w.mutex(), w.mutex()
			g.lock(a, "lockAccount", "f")
			g.lock(b, "lockLedger", "f")
			h.lock(d, "lockLedger", "f")
			h.lock(c, "lockAccount", "f")
		}, nil},
	})
}

func TestReaders(t *testing.T) {
	recursion := func(certainty string) []brief {
		return []brief{{
			"rlock-recursion", certainty, []finding.ResourceKind{finding.RWMutex},
			[]string{"bank.outer"}, []string{"bank.inner", "bank.write"},
		}}
	}
	runAll(t, []scenario{
		{"reads twice, and another writes", func(w *world) {
			a := w.rw()
			g, h := pair(w)
			g.rlock(a, "outer")
			g.rlock(a, "inner")
			h.lock(a, "write")
		}, recursion("potential")},
		{"reads twice, and nobody writes", func(w *world) {
			a, b := w.rw(), w.rw()
			g, h := pair(w)
			g.rlock(a, "outer")
			g.rlock(a, "inner")
			h.lock(b, "write")
		}, nil},
		{"reads twice, and writes itself", func(w *world) {
			a := w.rw()
			g, _ := pair(w)
			g.lock(a, "write")
			g.unlock(1)
			g.rlock(a, "outer")
			g.rlock(a, "inner")
		}, nil},
		{"reads twice under what the writer holds", func(w *world) {
			a, gate := w.rw(), w.mutex()
			g, h := pair(w)
			g.lock(gate, "gate")
			g.rlock(a, "outer")
			g.rlock(a, "inner")
			h.lock(gate, "gate")
			h.lock(a, "write")
		}, nil},
		{"written only before the reader was started", func(w *world) {
			a := w.rw()
			main := w.start(1, nil)
			main.lock(a, "write")
			main.unlock(1)
			g := w.start(2, main)
			g.rlock(a, "outer")
			g.rlock(a, "inner")
		}, recursion("suspected")},
		{"readers in a ring with a writer in between", func(w *world) {
			a, b := w.rw(), w.rw()
			main := w.start(1, nil)
			g, h, i := w.start(2, main), w.start(3, main), w.start(4, main)
			g.rlock(a, "takeFirst")
			g.lock(b, "takeSecond")
			h.rlock(b, "takeFirst")
			h.rlock(a, "takeSecond")
			i.lock(a, "write")
		}, []brief{{
			"lock-cycle", "potential", []finding.ResourceKind{finding.RWMutex, finding.RWMutex},
			[]string{"bank.takeFirst", "bank.takeFirst"}, []string{"bank.takeSecond", "bank.takeSecond", "bank.write"},
		}}},
	})
}
