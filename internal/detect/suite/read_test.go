//go:build !concdoctor_off

package suite

import "github.com/concdoctor/concdoctor/agent/finding"

// readScenarios are programs of readers: whether one can hang depends on a writer
// that none of the lines at fault shows.
var readScenarios = []scenario{
	{
		name: "recursive RLock, and a writer at another time", truth: canHang, kinds: []string{rwKind},
		want: []brief{{
			"rlock-recursion", "potential", []finding.ResourceKind{finding.RWMutex},
			[]string{"readFirst"}, []string{"readSecond", "takeSecond"},
		}},
		program: func(s *stage) {
			a := s.rw()
			inTurn(readTwice(a), writeOnce(a))
		},
	},
	{
		name: "recursive RLock without a writer", truth: harmless, kinds: []string{rwKind},
		program: func(s *stage) {
			a := s.rw()
			inTurn(readTwice(a), readTwice(a))
		},
	},
	{
		name: "recursive RLock, and a writer kept away by a gate", truth: harmless, kinds: []string{rwKind},
		program: func(s *stage) {
			gate, a := s.lock(), s.rw()
			inTurn(under(gate, readTwice(a)), under(gate, writeOnce(a)))
		},
	},
	{
		name: "upgrade from RLock to Lock", truth: hangs, kinds: []string{rwKind}, ends: "lock-upgrade",
		want: []brief{{
			"lock-upgrade", "potential", []finding.ResourceKind{finding.RWMutex}, []string{"readFirst"}, []string{"takeSecond"},
		}},
		program: func(s *stage) {
			a := s.rw()
			readFirst(a)
			takeSecond(a)
		},
	},
	{
		name: "read a then b, b then read a, and a writer of a", truth: canHang, kinds: []string{rwKind},
		want: []brief{{
			"lock-cycle", "potential", []finding.ResourceKind{finding.RWMutex, finding.RWMutex},
			[]string{"readFirst", "takeFirst"}, []string{"readSecond", "takeSecond", "takeSecond"},
		}},
		program: func(s *stage) {
			a, b := s.rw(), s.rw()
			inTurn(readThenTake(a, b), takeThenRead(b, a), writeOnce(a))
		},
	},
	{
		name: "readers both ways, and a writer of each", truth: canHang, kinds: []string{rwKind},
		want: []brief{{
			"lock-cycle", "potential", []finding.ResourceKind{finding.RWMutex, finding.RWMutex},
			[]string{"readFirst", "readFirst"}, []string{"readSecond", "readSecond", "takeSecond", "takeSecond"},
		}},
		program: func(s *stage) {
			a, b := s.rw(), s.rw()
			inTurn(readBoth(a, b), readBoth(b, a), writeOnce(a), writeOnce(b))
		},
	},
	{
		name: "readers both ways, and a writer of one", truth: harmless, kinds: []string{rwKind},
		program: func(s *stage) {
			a, b := s.rw(), s.rw()
			inTurn(readBoth(a, b), readBoth(b, a), writeOnce(a))
		},
	},
}

func readTwice(a rwLocker) func() { return readBoth(a, a) }

func readBoth(a, b rwLocker) func() {
	return func() {
		readFirst(a)
		readSecond(b)
		b.RUnlock()
		a.RUnlock()
	}
}

func writeOnce(a rwLocker) func() {
	return func() {
		takeSecond(a)
		a.Unlock()
	}
}

func readThenTake(a rwLocker, b locker) func() {
	return func() {
		readFirst(a)
		takeSecond(b)
		b.Unlock()
		a.RUnlock()
	}
}

func takeThenRead(b locker, a rwLocker) func() {
	return func() {
		takeFirst(b)
		readSecond(a)
		a.RUnlock()
		b.Unlock()
	}
}

// under runs f under a lock.
func under(gate locker, f func()) func() {
	return func() {
		takeFirst(gate)
		f()
		gate.Unlock()
	}
}
