//go:build !concdoctor_off

package detect

import (
	"io"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
	"github.com/concdoctor/concdoctor/internal/waitfor"
)

// KnowsCreators says whether this build can tell where a goroutine was created.
var KnowsCreators = gid.Fast

// ResetForTest makes the detector forget all it has learnt and found, and keeps
// findings off standard error until the test ends. A wait for a lock of one's own
// is never long enough to be reported, however slow the machine: see SelfWait.
func ResetForTest(t *testing.T) {
	t.Helper()
	Configure(policy.Options{Output: io.Discard, SelfWait: time.Hour})
	t.Cleanup(func() { Configure(policy.Options{}) })
	std.order.clear()
	std.failures.Clear()
	std.signals = signalPlaces{}
	std.handovers.forget()
	std.registry.mu.Lock()
	std.registry.graph = waitfor.Graph{}
	std.registry.mu.Unlock()
	for i := range std.chains.sets {
		for j := range std.chains.sets[i] {
			std.chains.sets[i][j].Store(0)
		}
	}
	forgetBlocked(&std.scanner)
	std.sink.Forget()
}

// forgetBlocked makes the watch report none of the goroutines that hang already.
func forgetBlocked(sc *scanner) {
	sc.scanning.Lock()
	defer sc.scanning.Unlock()
	sc.reported = make(map[*Goroutine]uint64)
	for _, g := range std.states.all() {
		if s, ok := g.readBlocked(); ok {
			sc.reported[g] = s.turn
		} else if id := g.identity(); g.endedAs(id) {
			g.gone.Store(id)
		}
	}
}

// GraphLocks returns how many locks the order graph knows.
func GraphLocks() int {
	std.order.mu.Lock()
	defer std.order.mu.Unlock()
	return max(std.order.graph.Stats().Locks, len(std.order.locks))
}

// ForgetDropped makes the detector say again that evidence was dropped.
func ForgetDropped() { std.order.droppedSaid.Store(false) }

// Dependencies returns how many dependencies the order graph has.
func Dependencies() int {
	std.order.mu.Lock()
	defer std.order.mu.Unlock()
	return std.order.graph.Stats().Dependencies
}

// States returns how many goroutine states are kept.
func States() int {
	std.states.mu.Lock()
	defer std.states.mu.Unlock()
	n := std.states.used
	std.states.byID.Range(func(any, any) bool { n++; return true })
	return n
}

// BreakForTest has one of the detector's slow paths panic.
func BreakForTest(why string) { std.protect(func() { panic(why) }) }

// InBubble is inBubble.
func InBubble() bool { return inBubble() }

// WaitersForTest returns how many goroutines are inside the Wait of the wait group.
func WaitersForTest(w *Group) int32 {
	if r := w.record.Load(); r != nil {
		return r.waiting.Load()
	}
	return 0
}

// IsSemaphore says whether another goroutine than its holder has released the Once.
func IsGivenAway(o *Once) bool { return o.record.Load().description.given.Load() }

// ForgetStatistics forgets what was measured and seen of classes of locks. The classes
// stay: locks that other tests hold for ever belong to them.
func ForgetStatistics() {
	for _, c := range std.statistics.classes.all() {
		for mode := range c.held {
			for i := range c.held[mode].shards {
				c.held[mode].shards[i].Store(nil)
			}
			c.held[mode].longest.forget()
		}
		c.waits.times.Store(nil)
		c.waits.longest.forget()
	}
	std.edges.mu.Lock()
	std.edges.byPair, std.edges.list = nil, nil
	std.edges.mu.Unlock()
	for i := range std.statistics.sites.shards {
		shard := &std.statistics.sites.shards[i]
		shard.mu.Lock()
		shard.sums = nil
		shard.mu.Unlock()
	}
}

func (l *longest) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = 0
	l.ticks.Store(0)
}

// MaxNames is how many names of goroutines are kept.
const MaxNames = maxNames

// Names returns how many there are.
func Names() int {
	std.names.mu.Lock()
	defer std.names.mu.Unlock()
	if len(std.names.order) != len(std.names.byID) {
		panic("a name in one place only")
	}
	return len(std.names.byID)
}

// NameOf returns the name of an object, given what it keeps for the engine.
func NameOf(state any) string {
	object, ok := state.(Object)
	switch l := state.(type) {
	case *Lock:
		object, ok = LockObject{Lock: l}, true
	case *Once:
		object, ok = LockObject{&l.Lock, UseOnce}, true
	}
	if !ok || object.described() == nil {
		return ""
	}
	return object.described().mark.Load().text()
}

// Moment is when a request was made.
type Moment struct{ m moment }

// RequestForTest returns when the running goroutine makes a request now.
func RequestForTest() Moment { return Moment{current().moment()} }

// Before reports whether the program has ordered m before o.
func (m Moment) Before(o Moment) bool { return m.m.before(&o.m) }

func (all *handovers) forget() {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.any.Store(false)
	all.searches.Store(0)
	all.places = nil
}

// ManyWalks is manyWalks.
const ManyWalks = manyWalks

// IsMarked says whether requests for the lock, given what it keeps for the engine, mark the
// stack instead of walking it.
func IsMarked(l *Lock) bool { return l.record.Load().quick.Load() != 0 }

// Marks says whether this build can mark stacks.
var Marks = gid.Fast && callers.Fast
