//go:build !concdoctor_off

package agent

// AssertHeld says that the running goroutine holds l, for functions that expect it:
//
//	// balanceLocked expects a.mu to be held.
//	func (a *Account) balanceLocked() int {
//		agent.AssertHeld(&a.mu)
//		return a.balance
//	}
//
// A RWMutex must be held for writing; what its RLocker returns, in either way. An
// assertion that fails is a finding of the rule not-held and not a panic: an
// assertion must not take a service down; Options.HaltCode makes it end the program.
// It is observed if nobody holds l, potential if another goroutine does (l may have
// been handed over). Nothing is said of a lock that was handed over between
// goroutines before, nor of one that is not of this package. It allocates nothing
// where the lock is held.
func AssertHeld(l Locker) {
	_, isReader := l.(*rlocker)
	assertHeld(l, isReader)
}

// AssertRHeld is AssertHeld for code that only reads: a RWMutex may be held for
// reading or for writing.
func AssertRHeld(l Locker) { assertHeld(l, true) }

func assertHeld(l Locker, shared bool) {
	if it, ok := l.(locker); ok {
		it.lockObject().AssertHeld(shared)
	}
}
