package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// delegation is what a goroutine records that was started by one which held locks. If the
// parent waits for it before it releases them, the requests of the goroutine are made
// under the parent's locks, as if the parent had made them. Whether the parent waits is
// known only when it has waited. Until then the requests are recorded, and travel with the
// stamps that the goroutine publishes. A goroutine that WaitGroup.Go started needs no
// delegation: the wait group is a node of the order graph (see groupRecord.order).
//
// Only the goroutine itself reads and writes it.
type delegation struct {
	parent   uint64
	holds    []hold // of the parent, at the go statement
	seed     uint64 // the goroutine's chain key of nothing held
	requests []delegatedRequest
}

// delegatedRequest is a request that was made under a delegation.
type delegatedRequest struct {
	lock *lockRecord
	request
}

// delegated is the requests of a delegation up to the publication of a stamp. It never
// changes.
type delegated struct {
	parent   uint64
	holds    []hold
	requests []delegatedRequest
}

const (
	// maxDelegatedRequests is the number of requests that a delegation records. They are
	// the first ones, since delegated work is either short or goes on for ever.
	maxDelegatedRequests = 16
	// maxDelegated is the number of delegations that a stamp carries; that of a wait group
	// collects them.
	maxDelegated = 16
)

// delegate returns the delegation of a goroutine that g is about to start, nil if g holds
// nothing.
//
//go:norace
func (g *Goroutine) delegate() *delegation {
	if g.n == 0 && g.delegation == nil {
		return nil
	}
	g.settleAll()
	for i := range g.n {
		if h := &g.held[i]; h.serial == 0 {
			g.serials++
			h.serial = g.serials
		}
	}
	// A key of its own: a request under this delegation is not known because it was made
	// under another one.
	return &delegation{parent: g.identity(), holds: g.snapshot(), seed: extend(g.hash, ^lockorder.LockID(0), lockorder.Shared) | 1}
}

// accept makes d the delegation of the goroutine, nil for none.
//
//go:norace
func (g *Goroutine) accept(d *delegation) {
	if g.delegation = d; d != nil {
		g.seed, g.hash = d.seed, d.seed
	}
}

// recordDelegated records a request of the goroutine, or of one that it has waited for.
//
//go:norace
func (g *Goroutine) recordDelegated(l *lockRecord, r *request) {
	d := g.delegation
	if len(d.requests) >= maxDelegatedRequests {
		return
	}
	if d.requests == nil {
		d.requests = make([]delegatedRequest, 0, maxDelegatedRequests)
	}
	n := len(d.requests)
	d.requests = d.requests[:n+1] // what was published has the first ones only
	d.requests[n] = delegatedRequest{l, *r}
	g.timeline.stamp = nil
}

// delegatedSoFar is what a stamp carries of the goroutine's delegation.
//
//go:norace
func (g *Goroutine) delegatedSoFar() []*delegated {
	d := g.delegation
	if d == nil || len(d.requests) == 0 {
		return nil
	}
	return []*delegated{{parent: d.parent, holds: d.holds, requests: d.requests}}
}

// join is observe for a goroutine that could not have continued otherwise.
//
//go:norace
func (g *Goroutine) join(s *stamp) {
	g.observe(s)
	if s != nil && s.delegated != nil && (g.n > 0 || g.delegation != nil) {
		g.adoptRequests(s.delegated)
	}
}

// adoptRequests treats the requests of goroutines that this one has started and waited for as
// requests of its own, made under the locks that it has held all the time.
//
//go:norace
//go:noinline
func (g *Goroutine) adoptRequests(all []*delegated) {
	g.enter()
	defer g.leave()
	g.compact()
	for _, d := range all {
		if d.parent != g.inside {
			continue
		}
		held := g.stillHeld(d.holds)
		for i := range d.requests {
			g.adoptRequest(&d.requests[i], held)
		}
	}
}

//go:norace
func (g *Goroutine) adoptRequest(d *delegatedRequest, held []hold) {
	r := d.request
	r.via, r.goroutine, r.key, r.creator, r.delegated = r.goroutine, g.inside, g.key, g.creator, false
	r.holds = slices.Concat(held, r.holds)
	if r.holdsItself(d.lock) {
		return // it would deadlock each time
	}
	std.protect(func() {
		if g.delegation != nil {
			g.recordDelegated(d.lock, &r)
		}
		if len(held) == 0 || d.lock.knows(r.chain, r.key) {
			return
		}
		found, dropped := std.order.add(d.lock, &r)
		std.order.noteDropped(dropped)
		std.sink.diagnose(found)
	})
}

// stillHeld returns those of the holds that the goroutine has not released since the
// delegation.
//
//go:norace
func (g *Goroutine) stillHeld(holds []hold) (held []hold) {
	for i := range g.n {
		for j := range holds {
			if holds[j].serial == g.held[i].serial && holds[j].lock == g.held[i].lock {
				h := holds[j]
				held = append(held, h)
			}
		}
	}
	return held
}

// mergeDelegated returns a and those of b that are not in a, and whether there are any. If
// they are too many, the first ones are dropped.
func mergeDelegated(a, b []*delegated) (both []*delegated, more bool) {
	both = a
	for _, x := range b {
		if !slices.Contains(a, x) {
			both = append(slices.Clip(both), x)
			more = true
		}
	}
	return both[max(0, len(both)-maxDelegated):], more
}

// shareGoroutine reports whether one goroutine makes both requests, or makes one and is
// waited for in the other.
func shareGoroutine(a, b *lockorder.Dependency[*site]) bool {
	is := func(x, y uint64) bool { return x != 0 && x == y }
	return is(a.Site.via, b.Site.via) || is(a.Site.via, b.Goroutine) || is(a.Goroutine, b.Site.via)
}
