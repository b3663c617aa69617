package detect

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/histogram"
	"github.com/concdoctor/concdoctor/internal/detect/ticks"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// statistics measure how long locks are held and waited for. They are off at first: a
// request then reads one flag more, and a release nothing more.
//
// While they are on, a request stores the time in its hold. Such a timed hold is not
// released on the fast path (see pop), but is added to the histogram of the lock's class.
// A histogram has shards, chosen by the lock, so that locks of one class which are used in
// parallel do not write to one word. Read locks choose by the goroutine.
//
// A Once is held while its function runs. A Done that a goroutine owes is not measured, nor
// is a hold that another goroutine has released or that began while the statistics were
// off.
type statistics struct {
	on      atomic.Bool
	since   atomic.Int64 // when they were last turned on, in Unix nanoseconds; 0 if never
	classes classes
	sites   waitSites
}

// SetStatistics turns the statistics on or off, and reports whether they were on.
func SetStatistics(on bool) (was bool) {
	was = std.statistics.on.Swap(on)
	if on && !was {
		std.statistics.since.Store(time.Now().UnixNano())
	}
	return was
}

// heldShards is the largest number of shards of a histogram.
const heldShards = 16

// heldStats are the holds of one class in one mode.
type heldStats struct {
	shards [heldShards]atomic.Pointer[heldShard]
	longest
}

// heldShard is made at its first use: most classes have a single lock and need one shard.
type heldShard struct {
	times histogram.Histogram
	_     [64]byte // keeps the next object out of the last cache line
}

// waitStats are the waits of one class.
type waitStats struct {
	times atomic.Pointer[histogram.Histogram]
	longest
}

// longest is the longest interval with its stack.
type longest struct {
	ticks atomic.Uint64
	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu        sync.Mutex
	most      uint64
	stack     callers.Short
	goroutine uint64
	ended     time.Time
}

// offer keeps the interval if it is the longest one.
//
//go:norace
func (l *longest) offer(t uint64, stack *callers.Short, goroutine uint64) {
	if t > l.ticks.Load() {
		l.keep(t, *stack, goroutine)
	}
}

//go:noinline
func (l *longest) keep(t uint64, stack callers.Short, goroutine uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t <= l.most {
		return
	}
	l.most, l.stack, l.goroutine, l.ended = t, stack, goroutine, time.Now()
	l.ticks.Store(t)
}

// popMeasured is pop for a timed hold.
//
//go:norace
func (g *Goroutine) popMeasured(l *lockRecord, mode lockorder.Mode) bool {
	top := g.n - 1
	if uint(top) >= uint(len(g.held)) {
		return false
	}
	h := &g.held[top]
	if h.lock != l || h.mode != mode || !h.timed {
		return false
	}
	g.n = top
	g.hash = h.before
	g.measure(h)
	return true
}

// measure adds a hold that ends now, if it is timed.
//
//go:norace
func (g *Goroutine) measure(h *HeldLock) {
	if !h.timed || h.handoffs != h.lock.handoffs.Load() || h.lock.description.kind == finding.WaitGroup {
		return
	}
	d := g.details(h)
	t := ticks.Between(d.since, ticks.Now())
	c := h.lock.class.Load()
	if c == nil {
		g.enter()
		c = h.lock.classOf()
		g.leave()
	}
	stats, by := &c.held[h.mode], uint64(h.lock.id)
	if h.mode == lockorder.Shared {
		by = g.id
	}
	slot := &stats.shards[by%heldShards]
	shard := slot.Load()
	if shard == nil {
		slot.CompareAndSwap(nil, new(heldShard))
		shard = slot.Load()
	}
	shard.times.Add(t)
	stats.offer(t, &d.stack, g.id)
}

// waited adds a wait for a lock that is over. The hold starts now.
//
//go:norace
//go:noinline
func (g *Goroutine) waited() {
	b, now := &g.blocked, ticks.Now()
	if g.n < len(g.held) {
		g.table.Load().details[g.n].since = now
	}
	t := ticks.Between(b.since, now)
	id := g.id
	g.enter()
	defer g.leave()
	c := b.lock.classOf()
	times := c.waits.times.Load()
	if times == nil {
		c.waits.times.CompareAndSwap(nil, new(histogram.Histogram))
		times = c.waits.times.Load()
	}
	times.Add(t)
	c.waits.offer(t, &b.stack, id)
	std.statistics.sites.add(siteWait{c, b.stack}, t)
}

// siteWait is a class of locks, and a stack that waited for one of them.
type siteWait struct {
	class *class
	stack callers.Short
}

// waitSites are the sums of the waits by waiting stack, for a profile.
type waitSites struct {
	shards  [siteShards]siteShard
	dropped atomic.Uint64 // waits at further stacks, for which there was no room
}

const (
	// siteShards separates goroutines that wait at different places.
	siteShards = 16
	// maxSites bounds the stacks of one shard: some 100 kB.
	maxSites = 512
)

type siteShard struct {
	// mu protects sums. It is a leaf: nothing else is locked under it.
	mu   sync.Mutex
	sums map[siteWait]*waitSum
}

type waitSum struct{ count, ticks uint64 }

func (w *waitSites) add(at siteWait, t uint64) {
	shard := &w.shards[spread(at.stack[0])>>60]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	sum := shard.sums[at]
	if sum == nil {
		if len(shard.sums) >= maxSites {
			w.dropped.Add(1)
			return
		}
		if shard.sums == nil {
			shard.sums = make(map[siteWait]*waitSum)
		}
		sum = new(waitSum)
		shard.sums[at] = sum
	}
	sum.count++
	sum.ticks += t
}
