package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// isQueue reports whether an object that a request takes for a semaphore is none, as far as is
// known.
func (s *scene) isQueue(o tape.Object) bool {
	return !isLock(o.Kind) && (s.permits[keyOf(o)] == 0 || s.queues[keyOf(o)])
}

// withoutQueues returns a request without the channels in it that are no semaphores, nil if
// nothing is left of it. A permit is asked for as if that excluded others; with more than one,
// it is held as readers hold a lock.
func (s *scene) withoutQueues(d *tape.Dependency) *tape.Dependency {
	if s.isQueue(d.Lock) {
		return nil
	}
	isPermit := func(h tape.Hold) bool { return !isLock(h.Kind) }
	if isLock(d.Lock.Kind) && !slices.ContainsFunc(d.Held, isPermit) {
		return d
	}
	clean := *d
	clean.Held = slices.DeleteFunc(slices.Clone(d.Held), func(h tape.Hold) bool { return s.isQueue(h.Object) })
	if !isLock(d.Lock.Kind) {
		clean.Mode = lockorder.Exclusive
	}
	if len(clean.Held) == 0 && (clean.Lock.Kind != tape.RWMutex || clean.Mode == lockorder.Shared) {
		return nil
	}
	return &clean
}

// hasSemaphore reports whether not all of a request are locks.
func (r *request) hasSemaphore() bool {
	return slices.ContainsFunc(r.locks(), func(o tape.Object) bool { return !isLock(o.Kind) })
}

// semaphores are those among the locks of a cycle.
func (o *order) semaphores(c *cycle.Cycle[*site]) (all []cycle.Semaphore) {
	for i := range c.Deps {
		asks, holds := c.Deps[i].Site, &c.Deps[(i+1)%len(c.Deps)]
		if isLock(asks.lock.Kind) {
			continue
		}
		all = append(all, cycle.Semaphore{
			Lock: c.Deps[i].Lock, Permits: o.permits[keyOf(asks.lock)],
			Holders: o.holders(asks.lock, holds.Site.lock, c.Deps[i].Goroutine),
		})
	}
	return all
}

// holders counts the goroutines but one that request a lock while they hold a permit.
func (o *order) holders(semaphore, lock tape.Object, but uint64) int {
	seen := make(map[uint64]bool)
	for _, r := range o.byLock[keyOf(lock)] {
		if keyOf(r.Lock) == keyOf(lock) && r.Goroutine != but && !r.Try && r.holds(semaphore) {
			seen[r.Goroutine] = true
		}
	}
	return len(seen)
}

func (r *request) holds(o tape.Object) bool {
	return slices.ContainsFunc(r.Held, func(h tape.Hold) bool { return keyOf(h.Object) == keyOf(o) })
}
