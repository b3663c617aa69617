package detect

import (
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/clock"
)

// timeline is the vector clock of a goroutine. Its events are the goroutine's requests for
// locks under other locks. A goroutine that makes none and observes none has an empty
// timeline, which costs a comparison of two words at each synchronization.
//
// An edge of happens-before has two ends: publish on the side that comes first returns a
// stamp, and observe on the other side merges it. Edges are drawn where the Go memory model
// has them because the program asked for an order: go statements, Done and Wait, Once,
// messages. They are not drawn from an Unlock to the next Lock: which comes first is luck
// there, and another run may have it the other way round.
type timeline struct {
	past *clock.Clock // what was observed
	// tick is that of the last request, 0 if there was none. published is the last one
	// that another goroutine may have observed: no request uses that tick again.
	tick, published uint64
	// stamp is what publish returned last, nil if there is news since.
	stamp *stamp
	// recent are the stamps observed last: mostly they come again.
	recent [2]*stamp
	next   uint8
}

// stamp is what a goroutine publishes. It never changes; nil carries nothing.
type stamp struct {
	clock     *clock.Clock
	delegated []*delegated
	// message is for elements without a size: see Goroutine.Message.
	message Message
}

func newStamp(c *clock.Clock, d []*delegated) *stamp {
	s := &stamp{clock: c, delegated: d}
	s.message.stamp = s
	return s
}

// lastTick makes ticks grow over all goroutines, as package clock requires.
var lastTick atomic.Uint64

// forget makes the timeline empty, for the next goroutine with the same g.
//
//go:norace
func (t *timeline) forget() {
	t.past, t.tick, t.published, t.stamp = nil, 0, 0, nil
	t.recent[0], t.recent[1] = nil, nil
}

//go:norace
func (t *timeline) isEmpty() bool { return t.tick == 0 && t.past == nil }

// moment is when a request for a lock is made.
type moment struct {
	clock.Epoch
	past *clock.Clock
}

// before reports whether the request at m happens before the one at o.
func (m *moment) before(o *moment) bool { return m.Tick != 0 && o.past.Knows(m.Epoch) }

// moment returns the time of a request that the goroutine makes now.
//
//go:norace
func (g *Goroutine) moment() moment {
	t := &g.timeline
	if t.tick == t.published {
		t.tick = lastTick.Add(1)
		t.stamp = nil
	}
	return moment{clock.Epoch{Goroutine: g.identity(), Tick: t.tick}, t.past}
}

// publish returns what happens before all that another goroutine does after observing it.
//
//go:norace
func (g *Goroutine) publish() *stamp {
	if t := &g.timeline; t.stamp != nil || t.isEmpty() {
		return t.stamp
	}
	return g.renewStamp()
}

//go:norace
//go:noinline
func (g *Goroutine) renewStamp() *stamp {
	t := &g.timeline
	known := t.past
	if t.tick != t.published {
		g.turn()
	}
	if t.tick != 0 {
		known = known.With(clock.Epoch{Goroutine: g.identity(), Tick: t.tick})
	}
	s := newStamp(known, g.delegatedSoFar())
	t.stamp, t.published = s, t.tick
	return s
}

// maxTurns is how often requests of the process count once more because others have learned
// of them. A program that goes on asks again when a cycle was found Apart; this is for those
// that ask a few times in all.
const maxTurns = 1 << 12

// turns is how often that was.
var turns atomic.Int32

// turn makes all requests of the goroutine new ones: others learn of those it has made, which
// orders them, but not of what it requests from now on.
//
//go:norace
func (g *Goroutine) turn() {
	if turns.Load() < maxTurns && turns.Add(1) <= maxTurns {
		g.key = g.key*0x9e3779b97f4a7c15 + 1
	}
}

// observe notes that what was published with s happens before what the goroutine does next.
//
//go:norace
func (g *Goroutine) observe(s *stamp) {
	if t := &g.timeline; s == nil || s == t.recent[0] || s == t.recent[1] {
		return
	}
	g.merge(s)
}

//go:norace
//go:noinline
func (g *Goroutine) merge(s *stamp) {
	t := &g.timeline
	t.recent[t.next&1] = s
	t.next++
	if past := clock.Join(t.past, s.clock); past != t.past {
		t.past, t.stamp = past, nil
	}
}

// syncPoint collects what goroutines publish for those that come later: at a wait group or
// a Once. The zero value is empty. It is safe for concurrent use.
type syncPoint struct{ stamps atomic.Pointer[stamp] }

// publish adds s.
func (m *syncPoint) publish(s *stamp) {
	if s == nil {
		return
	}
	for {
		old := m.stamps.Load()
		both := old.join(s)
		if both == old || m.stamps.CompareAndSwap(old, both) {
			return
		}
	}
}

// observe returns all that was published.
func (m *syncPoint) observe() *stamp { return m.stamps.Load() }

// join returns a stamp that carries what s and o carry; either may be nil.
func (s *stamp) join(o *stamp) *stamp {
	switch {
	case s == o || o == nil:
		return s
	case s == nil:
		return o
	}
	both := clock.Join(s.clock, o.clock)
	merged, more := mergeDelegated(s.delegated, o.delegated)
	switch {
	case both == s.clock && !more:
		return s
	case both == o.clock && s.delegated == nil:
		return o
	}
	return newStamp(both, merged)
}
