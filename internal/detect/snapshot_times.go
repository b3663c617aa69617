package detect

import (
	"runtime"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect/histogram"
	"github.com/concdoctor/concdoctor/internal/detect/ticks"
)

// class reads the statistics of a class.
func (p *picture) class(c *class) snapshot.Class {
	plain := snapshot.Class{ID: c.id, Kind: c.kind, Name: c.name, Site: c.site}
	for mode, to := range []*snapshot.Times{&plain.Held, &plain.Read} {
		held := &c.held[mode]
		var counts histogram.Counts
		for i := range held.shards {
			if shard := held.shards[i].Load(); shard != nil {
				counts.AddFrom(&shard.times)
			}
		}
		*to = p.times(&counts, &held.longest)
	}
	if times := c.waits.times.Load(); times != nil {
		var counts histogram.Counts
		counts.AddFrom(times)
		plain.Waits = p.times(&counts, &c.waits.longest)
	}
	return plain
}

func (p *picture) times(counts *histogram.Counts, l *longest) snapshot.Times {
	nanos := func(n uint64) int64 { return ticks.Nanos(n, p.rate) }
	plain := snapshot.Times{Count: counts.Total, SumNanos: nanos(counts.Sum)}
	if counts.Total == 0 {
		return plain
	}
	most, where := l.read()
	plain.MaxNanos, plain.Longest = nanos(most), where
	// A quantile is the middle of a bucket, which may lie above all that is in it.
	plain.P50Nanos = min(nanos(counts.Quantile(0.50)), plain.MaxNanos)
	plain.P99Nanos = min(nanos(counts.Quantile(0.99)), plain.MaxNanos)
	for _, b := range counts.Buckets() {
		plain.Buckets = append(plain.Buckets, snapshot.Bucket{UpToNanos: nanos(b.High), Count: b.Count})
	}
	return plain
}

func (l *longest) read() (most uint64, where *snapshot.Longest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most, &snapshot.Longest{Goroutine: l.goroutine, Ended: l.ended, Stack: stackOf(l.stack[:])}
}

func (p *picture) waitSites() {
	for i := range std.statistics.sites.shards {
		for at, sum := range std.statistics.sites.shards[i].read() {
			p.WaitSites = append(p.WaitSites, snapshot.WaitSite{
				ClassID: at.class.id, Stack: stackOf(at.stack[:]), Count: sum.count, SumNanos: ticks.Nanos(sum.ticks, p.rate),
			})
		}
	}
}

func (s *siteShard) read() map[siteWait]waitSum {
	s.mu.Lock()
	defer s.mu.Unlock()
	sums := make(map[siteWait]waitSum, len(s.sums))
	for at, sum := range s.sums {
		sums[at] = *sum
	}
	return sums
}

func counters() snapshot.Counters {
	std.order.mu.Lock()
	graph := std.order.graph.Stats()
	std.order.mu.Unlock()
	c := snapshot.Counters{
		Goroutines: runtime.NumGoroutine(),
		GraphLocks: graph.Locks, GraphDependencies: graph.Dependencies,
		Dropped: graph.Dropped, CutSearches: graph.CutSearches,
		DroppedSites: std.statistics.sites.dropped.Load(),
		Bytes:        int64(unsafe.Sizeof(std)) + int64(graph.Dependencies)*dependencyBytes,
	}
	for _, g := range std.states.all() {
		c.States++
		c.Bytes += int64(unsafe.Sizeof(*g))
		if table := g.table.Load(); table != nil {
			c.Bytes += table.bytes()
		}
	}
	for _, class := range std.statistics.classes.all() {
		c.Bytes += class.bytes()
	}
	return c
}

func (c *class) bytes() int64 {
	n := int64(unsafe.Sizeof(*c))
	for mode := range c.held {
		for i := range c.held[mode].shards {
			if c.held[mode].shards[i].Load() != nil {
				n += int64(unsafe.Sizeof(heldShard{}))
			}
		}
	}
	if c.waits.times.Load() != nil {
		n += int64(unsafe.Sizeof(histogram.Histogram{}))
	}
	return n
}
