//go:build !concdoctor_off

package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
)

// The locks of these tests are of two kinds, parents and children: touchParent and
// touchChild are where each is used first. down and up take one of each.

//go:noinline
func touchParent(l locker) { l.Lock(); l.Unlock() }

//go:noinline
func touchChild(l locker) { l.Lock(); l.Unlock() }

//go:noinline
func parentFirst(l locker) { l.Lock() }

//go:noinline
func childSecond(l locker) { l.Lock() }

//go:noinline
func childFirst(l locker) { l.Lock() }

//go:noinline
func parentSecond(l locker) { l.Lock() }

//go:noinline
func down(parent, child locker) {
	parentFirst(parent)
	childSecond(child)
	child.Unlock()
	parent.Unlock()
}

//go:noinline
func up(child, parent locker) {
	childFirst(child)
	parentSecond(parent)
	parent.Unlock()
	child.Unlock()
}

type family struct{ p, c []locker }

// families returns three parents and three children.
func families(mk func() locker) family {
	var f family
	for range 3 {
		p, c := mk(), mk()
		touchParent(p)
		touchChild(c)
		f.p, f.c = append(f.p, p), append(f.c, c)
	}
	return f
}

func TestInversionsOfKinds(t *testing.T) {
	suspected := brief{"lock-cycle", "suspected", []string{"childFirst", "parentFirst"}, []string{"childSecond", "parentSecond"}}
	potential := suspected
	potential.Certainty = "potential"
	eachLock(t, func(t *testing.T, mk func() locker) {
		for _, tt := range []struct {
			name string
			run  func(f family)
			want []brief
		}{
			{"no lock in common", func(f family) {
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[1], f.p[1]) })
			}, []brief{suspected}},
			{"once a pair of kinds", func(f family) {
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[1], f.p[1]) }, func() { down(f.p[2], f.c[2]) }, func() { up(f.c[0], f.p[1]) })
			}, []brief{suspected}},
			{"the parent in common", func(f family) {
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[1], f.p[0]) })
			}, []brief{suspected}},
			{"then of the same two: the surer one stays", func(f family) {
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[1], f.p[1]) }, func() { down(f.p[1], f.c[1]) })
			}, []brief{potential}},
			{"with a gate around one side", func(f family) {
				run(under(new(agent.Mutex), func() { down(f.p[0], f.c[0]) }), func() { up(f.c[1], f.p[1]) })
			}, []brief{suspected}},

			{"the same two", func(f family) {
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[0], f.p[0]) }, func() { down(f.p[1], f.c[1]) }, func() { up(f.c[2], f.p[2]) })
			}, []brief{potential}},
			{"one order", func(f family) {
				run(func() { down(f.p[0], f.c[0]) }, func() { down(f.p[1], f.c[0]) })
			}, nil},
			{"one goroutine", func(f family) {
				run(func() { down(f.p[0], f.c[0]); up(f.c[1], f.p[1]) })
			}, nil},
			{"gates of one kind", func(f family) {
				g, h := new(agent.Mutex), new(agent.Mutex)
				agent.Name(g, "gate")
				agent.Name(h, "gate")
				run(under(g, func() { down(f.p[0], f.c[0]) }), under(h, func() { up(f.c[1], f.p[1]) }))
			}, nil},
			{"kept apart by go statements", func(f family) {
				done := make(chan bool)
				agent.Go(func() {
					down(f.p[0], f.c[0])
					agent.Go(func() { up(f.c[1], f.p[1]); close(done) })
				})
				<-done
			}, nil},
			{"a lock that was handed over at another place", func(f family) {
				f.p[0].Lock()
				run(f.p[0].Unlock)
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[1], f.p[1]) })
			}, []brief{suspected}},
			{"TryLock", func(f family) {
				run(func() { down(f.p[0], f.c[0]) }, func() {
					childFirst(f.c[1])
					if f.p[1].TryLock() {
						f.p[1].Unlock()
					}
					f.c[1].Unlock()
				})
			}, nil},
			{"of one name after all", func(f family) {
				for _, l := range append(f.p, f.c...) {
					agent.Name(l, "node")
				}
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[1], f.p[1]) })
			}, nil},
			{"names that tell parents apart", func(f family) {
				agent.Name(f.p[0], "upper")
				agent.Name(f.p[1], "lower")
				run(func() { down(f.p[0], f.c[0]) }, func() { up(f.c[1], f.p[1]) })
			}, nil},
		} {
			t.Run(tt.name, func(t *testing.T) {
				f := families(mk)
				expect(t, func() { tt.run(f) }, tt.want...)
			})
		}
	})
}

// Kinds by name need no line in common.
func TestKindsByName(t *testing.T) {
	var p, q, c, d agent.Mutex
	expect(t, func() {
		for _, l := range []*agent.Mutex{&p, &q} {
			agent.Name(l, "parent")
		}
		for _, l := range []*agent.Mutex{&c, &d} {
			agent.Name(l, "child")
		}
		run(func() { down(&p, &c) }, func() { up(&d, &q) })
	}, brief{"lock-cycle", "suspected", []string{"childFirst", "parentFirst"}, []string{"childSecond", "parentSecond"}})
	if f := agent.Findings()[0]; len(f.Resources) != 4 || f.Resources[0].Name != "parent" || f.Resources[1].Name != "child" {
		t.Errorf("resources %+v", f.Resources)
	}
}

// A declared order says it better.
func TestKindsOfADeclaredOrder(t *testing.T) {
	var p, q, c, d agent.Mutex
	expect(t, func() {
		agent.Name(&p, "parent")
		agent.Name(&q, "parent")
		agent.Name(&c, "child")
		agent.Name(&d, "child")
		agent.Ordered("parent", "child")
		run(func() { down(&p, &c) }, func() { up(&d, &q) })
	}, brief{"lock-order", "observed", []string{"childFirst"}, []string{"parentSecond"}})
}

// Without anything in common nothing says that two locks are of one kind, until
// other locks are taken at the lines of both.
func TestUnknownKinds(t *testing.T) {
	var p, q, r, c, d, e agent.Mutex
	expect(t, func() { run(func() { down(&p, &c) }, func() { up(&d, &q) }, func() { down(&r, &d) }) })
	run(func() { up(&e, &r) })
	want := []brief{{"lock-cycle", "suspected", []string{"childFirst", "parentFirst"}, []string{"childSecond", "parentSecond"}}}
	if diff := cmp.Diff(want, briefs(held(t))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestReadersOfKinds(t *testing.T) {
	f := families(func() locker { return new(agent.RWMutex) })
	read := func(l locker) locker { return reader{l.(*agent.RWMutex)} }
	expect(t, func() {
		run(func() { down(read(f.p[0]), read(f.c[0])) }, func() { up(read(f.c[1]), read(f.p[1])) })
	})
}

// A function that takes locks in the order of its data has an order that no class
// shows: here that of the index.
func TestSortedLocksOfTwoKinds(t *testing.T) {
	var plain [8]agent.Mutex
	var rw [8]agent.RWMutex
	inOrder := func(set int) func() {
		return func() {
			var held []locker
			for i := range plain {
				if set>>i&1 == 1 {
					plain[i].Lock()
					held = append(held, &plain[i])
				} else if set>>(i+8)&1 == 1 {
					rw[i].Lock()
					held = append(held, &rw[i])
				}
			}
			for _, l := range held {
				l.Unlock()
			}
		}
	}
	expect(t, func() {
		run(inOrder(0b0000_0010_0000_0001), inOrder(0b0000_0001_0000_0010), inOrder(0b1111_1111_0101_0101), inOrder(0b1111_1111_1010_1010))
	})
}

// Code that throws an object away may leave its lock locked; what its goroutine takes
// later has nothing to do with it.
func TestKindsOfLocksLeftLocked(t *testing.T) {
	f := families(func() locker { return new(agent.Mutex) })
	expect(t, func() {
		run(func() { down(f.p[0], f.c[0]) })
		t.Run("one goroutine", func(t *testing.T) { // calls these in turn
			t.Cleanup(func() { parentSecond(f.p[1]); f.p[1].Unlock() })
			t.Cleanup(func() { childFirst(f.c[1]) })
		})
	})
}

// A pool gives an object a new role each time.
func TestPooledKinds(t *testing.T) {
	f := families(func() locker { return new(agent.Mutex) })
	expect(t, func() {
		run(func() { down(f.p[0], f.c[0]) })
		agent.Forget(f.p[0], f.c[0], f.p[1], f.c[1])
		run(func() { down(f.c[0], f.p[0]) }, func() { down(f.p[1], f.c[1]) })
	})
}
