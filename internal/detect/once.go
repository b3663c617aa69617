package detect

import "github.com/concdoctor/concdoctor/internal/lockorder"

// Once is what a Once keeps for the engine, as its first field: while its function runs
// it is a lock that the goroutine holds which runs it.
type Once struct {
	Lock
	done syncPoint // what the goroutine that ran the function knew
}

// Returned notes that the function has returned, and reports whether it asked for locks:
// who calls Do from then on under a lock could have met it the other way round, and is to
// say so by Passed.
func (o *Once) Returned() (askedForLocks bool) {
	r, g := o.record.Load(), current()
	if r == nil || g == nil || !r.isOuter() {
		return false
	}
	o.done.publish(g.publish())
	return true
}

// Passed notes that the running goroutine found that the function has returned. It would
// have waited had it come earlier.
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

// Release notes that the running goroutine is about to let go of o, unless detection
// began while the function ran.
//
//go:norace
func (o *Once) Release() {
	if r := o.record.Load(); r != nil {
		if g := current(); g != nil && !g.pop(r, lockorder.Exclusive) {
			g.releasedBelow(r, lockorder.Exclusive)
		}
	}
}
