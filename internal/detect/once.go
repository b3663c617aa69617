package detect

import "github.com/concdoctor/concdoctor/internal/lockorder"

// Once is what a Once keeps for the engine, as its first field. While its function runs,
// it is a lock that the running goroutine holds.
type Once struct {
	Lock
	done syncPoint // published by the goroutine that ran the function
}

// Returned notes that the function has returned, and reports whether it requested locks.
// If so, a later call of Do under a lock could have been part of an inversion, and is to be
// noted by Passed.
func (o *Once) Returned() (requestedLocks bool) {
	r, g := o.record.Load(), current()
	if r == nil || g == nil || !r.isOuter() {
		return false
	}
	o.done.publish(g.publish())
	return true
}

// Passed notes that the running goroutine found the function to have returned. Had it come
// earlier, it would have waited.
//
//go:norace
func (o *Once) Passed() {
	g := current()
	if g == nil {
		return
	}
	r := o.record.Load()
	if !r.belongs(&o.Lock) {
		r = o.make(UseOnce)
	}
	g.dependsOn(r)
	g.observe(o.done.observe())
}

// Release notes that the running goroutine is about to release o. There is nothing to
// release where detection began while the function ran.
//
//go:norace
func (o *Once) Release() {
	if r := o.record.Load(); r != nil {
		if g := current(); g != nil && !g.pop(r, lockorder.Exclusive) {
			g.releasedBelow(r, lockorder.Exclusive)
		}
	}
}
