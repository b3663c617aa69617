//go:build !concdoctor_off

package suite

import "github.com/concdoctor/concdoctor/agent/finding"

// hungScenarios are programs that hang on locks.
var hungScenarios = []scenario{
	{
		name: "AB-BA, hung", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{ring("deadlock", "observed", 2), ring("lock-cycle", "potential", 2)}, program: ringTogether(2),
	},
	{
		name: "ring of three, hung", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{ring("deadlock", "observed", 3), ring("lock-cycle", "potential", 3)}, program: ringTogether(3),
	},
	{
		name: "ring of four, hung", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{ring("deadlock", "observed", 4), ring("lock-cycle", "potential", 4)}, program: ringTogether(4),
	},
	{
		name: "a failed TryLock, then a real hang", truth: hangs, kinds: bothLocks, ends: "deadlock",
		want: []brief{ring("deadlock", "observed", 2), ring("lock-cycle", "potential", 2)},
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			meet := meeting(2)
			s.together(func() {
				takeFirst(a)
				meet()
				if tryFirst(b) {
					panic("not taken")
				}
				takeSecond(b)
			}, func() {
				takeFirst(b)
				meet()
				takeSecond(a)
			})
		},
	},
	{
		name: "a lock for which its holder waits", truth: hangs, kinds: bothLocks, ends: "self-deadlock",
		want: []brief{ring("self-deadlock", "potential", 1)},
		program: func(s *stage) {
			a := s.lock()
			takeFirst(a)
			takeSecond(a)
		},
	},
	{
		name: "copy of a locked mutex", truth: hangs, kinds: bothLocks, ends: "lock-copied",
		want: []brief{{Rule: "lock-copied", Certainty: "observed", Resources: []finding.ResourceKind{stageLock, stageLock}}},
		program: func(s *stage) {
			a := s.lock()
			takeFirst(a)
			c := copyOf(a)
			a.Unlock()
			takeSecond(c)
		},
	},
	{
		name: "recursive RLock behind a waiting writer", truth: hangs, kinds: []string{rwKind}, ends: "rlock-recursion",
		want: []brief{{
			"rlock-recursion", "observed", []finding.ResourceKind{finding.RWMutex},
			[]string{"readFirst"}, []string{"readSecond", "takeSecond"},
		}},
		program: func(s *stage) {
			a := s.rw()
			read := make(chan bool)
			s.together(func() {
				<-read
				takeSecond(a)
			}, func() {
				readFirst(a)
				close(read)
				for a.TryRLock() { // a waiting writer keeps readers out
					a.RUnlock()
				}
				readSecond(a)
			})
		},
	},
}

// ringTogether has n goroutines take a lock each, and then each its neighbour's.
func ringTogether(n int) func(s *stage) {
	return func(s *stage) {
		locks := make([]locker, n)
		for i := range locks {
			locks[i] = s.lock()
		}
		meet := meeting(n)
		var fs []func()
		for i := range n {
			fs = append(fs, func() {
				takeFirst(locks[i])
				meet()
				takeSecond(locks[(i+1)%n])
			})
		}
		s.together(fs...)
	}
}
