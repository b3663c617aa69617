//go:build !concdoctor_off

package agent

// AssertHeld reports a finding if the running goroutine does not hold l. It is for
// functions that expect their caller to hold a lock:
//
//	// balanceLocked expects a.mu to be held.
//	func (a *Account) balanceLocked() int {
//		agent.AssertHeld(&a.mu)
//		return a.balance
//	}
//
// A RWMutex must be held for writing; the Locker that RLocker returns, in either mode. An
// assertion that fails is a finding of the rule not-held and not a panic, since an
// assertion must not take a service down; Options.HaltCode makes it end the program. The
// finding is observed if no goroutine holds l, and potential if another goroutine does,
// which may have handed l over. AssertHeld ignores a lock that another goroutine holds if one
// goroutine has released it for another before, and a lock that is not of this package. It
// does not allocate if the lock is held.
func AssertHeld(l Locker) {
	_, isReader := l.(*rlocker)
	assertHeld(l, isReader)
}

// AssertRHeld is [AssertHeld] for code that only reads: a RWMutex may be held for reading
// or for writing.
func AssertRHeld(l Locker) { assertHeld(l, true) }

func assertHeld(l Locker, shared bool) {
	if it, ok := l.(locker); ok {
		it.lockObject().AssertHeld(shared)
	}
}
