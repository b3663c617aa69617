//go:build !concdoctor_off

package suite

import "github.com/concdoctor/concdoctor/agent/finding"

// orderScenarios are programs that can hang and do not in this run.
var orderScenarios = []scenario{
	{
		name: "AB-BA", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(nest(a, b), nest(b, a))
		},
	},
	{
		name: "ring of three", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 3)}, program: ringInTurn(3),
	},
	{
		name: "ring of four", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 4)}, program: ringInTurn(4),
	},
	{
		name: "the first lock was released before the ring closes", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b, c := s.lock(), s.lock(), s.lock()
			inTurn(func() {
				takeFirst(a)
				takeFirst(b)
				a.Unlock() // b is held alone now
				takeSecond(c)
				c.Unlock()
				b.Unlock()
			}, nest(c, b))
		},
	},
	{
		name: "the last of three against the first", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b, c := s.lock(), s.lock(), s.lock()
			inTurn(nest(a, b, c), nest(c, a))
		},
	},
	{
		name: "taken with TryLock, then held", truth: canHang, kinds: bothLocks,
		want: []brief{{
			"lock-cycle", "potential", []finding.ResourceKind{stageLock, stageLock},
			[]string{"takeFirst", "tryFirst"}, []string{"takeSecond", "takeSecond"},
		}},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(nest(a, b), func() {
				if !tryFirst(b) {
					panic("taken")
				}
				takeSecond(a)
				a.Unlock()
				b.Unlock()
			})
		},
	},
	{
		name: "RLocker inversion", truth: canHang, kinds: []string{rwKind},
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.rw(), s.rw()
			inTurn(func() {
				r := a.RLocker()
				takeFirst(r)
				takeSecond(b)
				b.Unlock()
				r.Unlock()
			}, nest(b, a))
		},
	},
	{
		name: "a lock held while a child is awaited that takes another", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(func() {
				g := s.group()
				takeFirst(a)
				g.Add(1)
				s.spawn(func() {
					takeSecond(b)
					b.Unlock()
					g.Done()
				})
				waitFor(g)
				a.Unlock()
			}, nest(b, a))
		},
	},
	{
		name: "inversion separated by a million other pairs", truth: canHang, kinds: bothLocks,
		want: []brief{ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(nest(a, b), func() {
				others := make([]locker, 1001)
				for i := range others {
					others[i] = s.lock()
				}
				for i := range others {
					for j := i + 1; j < len(others); j++ {
						others[i].Lock()
						others[j].Lock()
						others[j].Unlock()
						others[i].Unlock()
					}
				}
				for i := range others { // as many again, of locks that come and go
					for range 500 {
						l := s.lock()
						others[i].Lock()
						l.Lock()
						l.Unlock()
						others[i].Unlock()
					}
				}
			}, nest(b, a))
		},
	},
}

// ringInTurn has n goroutines take two neighbours of n locks each, one goroutine
// after the other.
func ringInTurn(n int) func(s *stage) {
	return func(s *stage) {
		locks := make([]locker, n)
		for i := range locks {
			locks[i] = s.lock()
		}
		for i := range locks {
			inTurn(nest(locks[i], locks[(i+1)%n]))
		}
	}
}
