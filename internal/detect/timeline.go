package detect

import (
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/clock"
)

// timeline is what a goroutine knows of the order of events. The events are its
// requests for locks under other locks; a goroutine that makes none and hears of
// none has an empty timeline, and pays for it with a look at two words where it
// meets others.
//
// Whoever lets others go on calls release and hands them the stamp; whoever goes on
// because of it calls acquire. That is done where the Go memory model promises an
// order that the program asked for: fork, Done and Wait, Once, messages. It is not
// done where locks change hands: who comes first there is luck, and another run may
// have it the other way round.
type timeline struct {
	past *clock.Clock // what others have handed over
	// tick is of the last request, 0 if there was none. A tick that others know is
	// not used again: told is the last one they may know.
	tick, told uint64
	// stamp is what the last release returned, nil if there is news since.
	stamp *stamp
	// got are the stamps acquired last: mostly they come again.
	got  [2]*stamp
	next uint8
}

// stamp is what a goroutine hands to those who go on because of it. It never
// changes; nil says nothing.
type stamp struct {
	clock    *clock.Clock
	accounts []*account
	// message is for elements without a size: see Goroutine.Message.
	message Message
}

func newStamp(c *clock.Clock, accounts []*account) *stamp {
	s := &stamp{clock: c, accounts: accounts}
	s.message.stamp = s
	return s
}

// lastTick makes ticks grow over all goroutines, as package clock wants them.
var lastTick atomic.Uint64

// forget makes the timeline empty, for another tenant.
//
//go:norace
func (t *timeline) forget() {
	t.past, t.tick, t.told, t.stamp = nil, 0, 0, nil
	t.got[0], t.got[1] = nil, nil
}

//go:norace
func (t *timeline) isEmpty() bool { return t.tick == 0 && t.past == nil }

// moment is when a request for a lock is made.
type moment struct {
	clock.Epoch
	past *clock.Clock
}

// before reports whether the request at m came before the one at o, by an order
// that the program asked for.
func (m *moment) before(o *moment) bool { return m.Tick != 0 && o.past.Knows(m.Epoch) }

// moment dates a request that the goroutine makes now.
//
//go:norace
func (g *Goroutine) moment() moment {
	t := &g.timeline
	if t.tick == t.told {
		t.tick = lastTick.Add(1)
		t.stamp = nil
	}
	return moment{clock.Epoch{Goroutine: g.identity(), Tick: t.tick}, t.past}
}

// release returns what the goroutine hands to those whom it lets go on.
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
	if t.tick != 0 {
		known = known.With(clock.Epoch{Goroutine: g.identity(), Tick: t.tick})
	}
	s := newStamp(known, g.accounts())
	t.stamp, t.told = s, t.tick
	return s
}

// acquire notes that the goroutine goes on because of the one that released s.
//
//go:norace
func (g *Goroutine) observe(s *stamp) {
	if t := &g.timeline; s == nil || s == t.got[0] || s == t.got[1] {
		return
	}
	g.learn(s)
}

//go:norace
//go:noinline
func (g *Goroutine) learn(s *stamp) {
	t := &g.timeline
	t.got[t.next&1] = s
	t.next++
	if past := clock.Join(t.past, s.clock); past != t.past {
		t.past, t.stamp = past, nil
	}
}

// meeting is where stamps wait for those who go on later: in a wait group, in a
// closed channel, in a Once. The zero value is empty; all may use it at once.
type syncPoint struct{ stamps atomic.Pointer[stamp] }

// leave adds s for all who come later.
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

// all returns everything that was left there.
func (m *syncPoint) observe() *stamp { return m.stamps.Load() }

// join returns a stamp that says what s and o say; either may be nil.
func (s *stamp) join(o *stamp) *stamp {
	switch {
	case s == o || o == nil:
		return s
	case s == nil:
		return o
	}
	both := clock.Join(s.clock, o.clock)
	accounts, more := withAccounts(s.accounts, o.accounts)
	switch {
	case both == s.clock && !more:
		return s
	case both == o.clock && s.accounts == nil:
		return o
	}
	return newStamp(both, accounts)
}
