//go:build !concdoctor_off

package suite

import (
	"sync"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// kindScenarios are programs with locks of two kinds, parents and children: it is
// never the same two locks that are taken in both orders.
var kindScenarios = []scenario{
	{
		name: "inversion by class on different instances", truth: canHang, kinds: bothLocks,
		want: []brief{{
			"lock-cycle", "suspected", []finding.ResourceKind{stageLock, stageLock, stageLock, stageLock},
			[]string{"takeFirst", "takeThird"}, []string{"takeFourth", "takeSecond"},
		}},
		program: func(s *stage) {
			f := s.families(2)
			inTurn(func() { down(f.parents[0], f.children[0]) }, func() { up(f.children[1], f.parents[1]) })
		},
	},
	{
		name: "classes in both orders behind gates of one class", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			f, gates := s.families(2), []locker{s.lock(), s.lock()}
			inTurn(func() {
				takeGate(gates[0])
				down(f.parents[0], f.children[0])
				gates[0].Unlock()
			}, func() {
				takeGate(gates[1])
				up(f.children[1], f.parents[1])
				gates[1].Unlock()
			})
		},
	},
	{
		name: "two classes in the order of an index", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			f := s.families(4)
			inOrder := func(picks ...locker) func() {
				return func() {
					for i, l := range picks {
						if i == 0 {
							takeFirst(l)
						} else {
							takeSecond(l)
						}
					}
					for _, l := range picks {
						l.Unlock()
					}
				}
			}
			inTurn(
				inOrder(f.parents[0], f.children[1]), inOrder(f.children[0], f.parents[1]),
				inOrder(f.children[1], f.parents[2], f.children[3]),
			)
		},
	},
}

type families struct{ parents, children []locker }

// families returns locks of two kinds: each kind is used first at one line.
func (s *stage) families(n int) (f families) {
	for range n {
		p, c := s.lock(), s.lock()
		makeParent(p)
		makeChild(c)
		f.parents, f.children = append(f.parents, p), append(f.children, c)
	}
	return f
}

//go:noinline
func makeParent(l sync.Locker) { l.Lock(); l.Unlock() }

//go:noinline
func makeChild(l sync.Locker) { l.Lock(); l.Unlock() }

//go:noinline
func takeGate(l sync.Locker) { l.Lock() }

//go:noinline
func takeThird(l sync.Locker) { l.Lock() }

//go:noinline
func takeFourth(l sync.Locker) { l.Lock() }

//go:noinline
func down(parent, child locker) {
	takeFirst(parent)
	takeSecond(child)
	child.Unlock()
	parent.Unlock()
}

//go:noinline
func up(child, parent locker) {
	takeThird(child)
	takeFourth(parent)
	parent.Unlock()
	child.Unlock()
}
