//go:build !concdoctor_off

package agent

// handOver notes that somebody else than its holder is about to release l, or
// that a read lock is released by a goroutine that did not take it. From here on
// the lock counts as a semaphore: every hold of it that is on record is void, and
// findings that rest on it are less certain.
//
// The count changes before the lock is really released. A holder that looks at
// its own holds later sees them void, and the registry is told of those that
// blocked goroutines have published.
func handOver(l *lock) {
	l.origin.semaphore.Store(true)
	l.handoffs.Add(1)
	std.registry.void(l)
}
