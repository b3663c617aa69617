//go:build !concdoctor_off

package detect_test

import (
	"cmp"
	"slices"
	"testing"
	"time"
	"unsafe"

	diff "github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// A lock that was acquired often has marks instead of stacks. What is found must have the
// stacks that it has with locks which are new.

// practice acquires the locks often.
func practice(t *testing.T, locks ...locker) {
	t.Helper()
	for _, l := range locks {
		for range detect.ManyWalks + 4 {
			l.Lock()
			l.Unlock()
		}
		if !detect.IsMarked(engineOf(l)) {
			t.Error("no mark after many acquisitions")
		}
	}
}

// engineOf is what the lock keeps for the engine, as its first field.
func engineOf(l locker) *detect.Lock {
	switch l := l.(type) {
	case *agent.Mutex:
		return (*detect.Lock)(unsafe.Pointer(l))
	case *agent.RWMutex:
		return (*detect.Lock)(unsafe.Pointer(l))
	}
	panic("another lock")
}

// warm gives the goroutine room for holds: without that no request marks.
func warm() {
	var mu agent.Mutex
	mu.Lock()
	mu.Unlock()
}

//go:noinline
func below(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	below(n-1, f)
}

// takeFor takes the lock two functions deep, both of which return with it.
//
//go:noinline
func takeFor(l locker) { takeFirst(l) }

// stacks are those of all holds and waits of the findings, sorted: which goroutine of a ring
// comes first is luck.
func stacks(found []finding.Finding) (all []finding.Stack) {
	for _, f := range found {
		for _, g := range f.Goroutines {
			for _, h := range g.Holds {
				all = append(all, h.Stack)
			}
			if g.Wait != nil {
				all = append(all, g.Wait.Stack)
			}
		}
	}
	slices.SortFunc(all, func(a, b finding.Stack) int {
		return slices.CompareFunc(a, b, func(a, b finding.Frame) int {
			return cmp.Or(cmp.Compare(a.Func, b.Func), cmp.Compare(a.Line, b.Line))
		})
	})
	return all
}

func TestMarksMakeTheSameStacks(t *testing.T) {
	if !detect.Marks {
		t.Skip("this build walks no frame pointers")
	}
	inverted := func(take func(locker), n int) func(*testing.T, locker, locker) {
		order := func(a, b locker) func() {
			return func() {
				warm()
				below(n, func() {
					take(a)
					below(2, func() { takeSecond(b) })
					b.Unlock()
					a.Unlock()
				})
			}
		}
		return func(_ *testing.T, a, b locker) { run(order(a, b), order(b, a)) }
	}
	for name, scenario := range map[string]func(*testing.T, locker, locker){
		"direct":      inverted(func(l locker) { l.Lock() }, 6),
		"a helper":    inverted(takeFirst, 6),
		"shallow":     inverted(takeFirst, 0),
		"two helpers": inverted(takeFor, 3),
		"deadlock": func(t *testing.T, a, b locker) {
			meet := barrier(2)
			half := func(x, y locker) func() {
				return func() {
					warm()
					below(5, func() {
						takeFirst(x)
						meet()
						takeSecond(y)
					})
				}
			}
			hang(t, half(a, b), half(b, a))
		},
		"released and taken again by a cond": func(t *testing.T, a, b locker) {
			run(func() {
				warm()
				c := agent.NewCond(a)
				below(5, func() {
					takeFirst(a)
					go func() { // it is in Wait when the lock is free
						a.Lock()
						c.Signal()
						a.Unlock()
					}()
					c.Wait()
					takeSecond(b)
					b.Unlock()
					a.Unlock()
				})
			}, nest(b, a))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachLock(t, func(t *testing.T, mk func() locker) {
				stacksWith := func(practiced bool) []finding.Stack {
					detect.ResetForTest(t)
					a, b := mk(), mk()
					if practiced {
						practice(t, a, b)
					}
					scenario(t, a, b)
					return stacks(held(t))
				}
				want, got := stacksWith(false), stacksWith(true)
				if d := diff.Diff(want, got); d != "" || len(want) == 0 {
					t.Errorf("%d stacks (-new +marked):\n%s", len(want), d)
				}
			})
		})
	}
}

// The stack of a goroutine that does not wait for a lock itself is made whole with the one
// that it has now.
func TestMarksOfOthersAreMadeWhole(t *testing.T) {
	if !detect.Marks {
		t.Skip("this build walks no frame pointers")
	}
	eachLock(t, func(t *testing.T, mk func() locker) {
		stacksWith := func(t *testing.T, practiced bool) (found, shown []finding.Stack) {
			w := watch(t, agent.Options{})
			mu, park := mk(), make(chan bool)
			if practiced {
				practice(t, mu)
			}
			w.all.Go(func() {
				warm()
				below(5, func() { keepWhile(mu, func() { receivePlain(park) }) })
			})
			defer close(park)
			for mu.TryLock() {
				mu.Unlock()
			}
			w.all.Go(func() { waitAndGo(mu) })
			w.look(1, time.Hour-step)
			w.look(1, 3*step)
			for _, g := range agent.Snapshot(snapshot.Options{}).Goroutines {
				for _, h := range g.Holds { // other tests leave goroutines behind
					if len(h.Stack) > 1 && short(h.Stack[1:]) == "keepWhile" {
						shown = append(shown, h.Stack)
					}
				}
			}
			return stacks(agent.Findings()), shown
		}
		var wantFound, wantShown, gotFound, gotShown []finding.Stack
		t.Run("new", func(t *testing.T) { wantFound, wantShown = stacksWith(t, false) })
		t.Run("marked", func(t *testing.T) { gotFound, gotShown = stacksWith(t, true) })
		for _, s := range []struct {
			of        string
			want, got []finding.Stack
		}{{"found", wantFound, gotFound}, {"shown", wantShown, gotShown}} {
			longer := slices.EqualFunc(s.got, s.want, func(got, want finding.Stack) bool {
				return len(got) >= len(want) && slices.Equal(got[:len(want)], want)
			})
			if !longer || len(s.want) == 0 {
				t.Errorf("%s (-new +marked):\n%s", s.of, diff.Diff(s.want, s.got))
			}
		}
	})
}

// A lock that functions return with, more than two deep, is not marked any more once a stack
// was lost, and the stack has the calls that are known.
func TestLostMarksAreNotMadeAgain(t *testing.T) {
	if !detect.Marks {
		t.Skip("this build walks no frame pointers")
	}
	detect.ResetForTest(t)
	a, b := new(agent.Mutex), new(agent.Mutex)
	practice(t, a)
	run(func() {
		warm()
		below(1, func() { // it returns with what the four below it have taken
			below(4, func() { takeFirst(a) })
		})
		takeSecond(b)
		b.Unlock()
		a.Unlock()
	}, nest(b, a))
	found := held(t)
	if len(found) != 1 || short(found[0].Goroutines[0].Holds[0].Stack) != "takeFirst" {
		t.Errorf("findings: %v", briefs(found))
	}
	if detect.IsMarked(engineOf(a)) {
		t.Error("the lock is still marked")
	}
}
