//go:build !concdoctor_off

package detect_test

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// measured switches statistics on until the test ends.
func measured(t *testing.T) {
	t.Helper()
	detect.ForgetStatistics()
	was := agent.SetStatistics(true)
	t.Cleanup(func() { agent.SetStatistics(was) })
}

// classAt returns the class of the locks that the function was the first to take.
func classAt(t *testing.T, function string) snapshot.Class {
	t.Helper()
	return classIn(t, agent.Snapshot(snapshot.Options{MaxStacks: -1}), function)
}

func classIn(t *testing.T, s *snapshot.Snapshot, function string) snapshot.Class {
	t.Helper()
	for _, c := range s.Classes {
		if name := c.Site.ShortFunc(); name == "detect_test."+function {
			return c
		}
	}
	t.Fatalf("no class of %s", function)
	panic("unreachable")
}

// The locks of each test are first taken in a function of its own: that is their class.

//go:noinline
func takeCounted(l locker) { l.Lock() }

//go:noinline
func takeRead(l *agent.RWMutex) { l.RLock() }

//go:noinline
func takeTried(l locker) { l.TryLock() }

//go:noinline
func takeBelow(l locker) { l.Lock() }

func TestStatisticsCountHolds(t *testing.T) {
	measured(t)
	var plain, below agent.Mutex
	var rw agent.RWMutex
	var tried agent.Mutex
	for range 10 {
		takeCounted(&plain)
		plain.Unlock()
	}
	for range 7 {
		takeRead(&rw)
		rw.RUnlock()
	}
	rw.Lock()
	rw.Unlock()
	takeTried(&tried)
	tried.Unlock()
	for range 3 { // released in the order of acquisition: not from the top
		takeBelow(&below)
		plain.Lock()
		below.Unlock()
		plain.Unlock()
	}
	for _, tt := range []struct {
		class      string
		held, read uint64
	}{{"takeCounted", 13, 0}, {"takeRead", 1, 7}, {"takeTried", 1, 0}, {"takeBelow", 3, 0}} {
		c := classAt(t, tt.class)
		if c.Held.Count != tt.held || c.Read.Count != tt.read || c.Waits.Count != 0 {
			t.Errorf("%s: %d held, %d read, %d waits; want %d, %d and none", tt.class, c.Held.Count, c.Read.Count, c.Waits.Count, tt.held, tt.read)
		}
		if c.Acquired() != tt.held+tt.read {
			t.Errorf("%s: acquired %d", tt.class, c.Acquired())
		}
	}
}

//go:noinline
func takeSwitched(l locker) { l.Lock() }

func TestStatisticsAreSwitchedAtRunTime(t *testing.T) {
	detect.ForgetStatistics()
	was := agent.SetStatistics(false)
	defer agent.SetStatistics(was)
	var mu agent.Mutex
	pair := func(between func()) {
		takeSwitched(&mu)
		between()
		mu.Unlock()
	}
	nothing := func() {}
	pair(nothing)
	pair(func() { agent.SetStatistics(true) }) // began while they were off
	pair(nothing)
	pair(func() { agent.SetStatistics(false) }) // began while they were on
	pair(nothing)
	if c := classAt(t, "takeSwitched"); c.Held.Count != 2 {
		t.Errorf("%d holds, want those 2 that began while statistics were on", c.Held.Count)
	}
	agent.Configure(agent.Options{Statistics: true})
	if !agent.Snapshot(snapshot.Options{}).Statistics {
		t.Error("Options.Statistics does not switch them on")
	}
	agent.Configure(agent.Options{})
}

//go:noinline
func takeLong(l locker) { l.Lock() }

//go:noinline
func waitLong(l locker) { l.Lock() }

// TestStatisticsMeasureHoldAndWait compares the times with those that enclose them and are
// enclosed by them.
func TestStatisticsMeasureHoldAndWait(t *testing.T) {
	measured(t)
	var mu agent.Mutex
	outer := time.Now()
	takeLong(&mu)
	var group sync.WaitGroup
	group.Go(func() {
		waitLong(&mu)
		mu.Unlock()
	})
	waiter := untilWaiting(t, "waitLong")
	inner := time.Now()
	for time.Since(inner) < 3*time.Millisecond {
	}
	least := time.Since(inner)
	mu.Unlock()
	group.Wait()
	most := time.Since(outer)

	s := agent.Snapshot(snapshot.Options{MaxStacks: -1})
	c := classIn(t, s, "takeLong")
	for _, tt := range []struct {
		name  string
		times snapshot.Times
		count uint64
		top   string
	}{{"held", c.Held, 2, "takeLong"}, {"waits", c.Waits, 1, "waitLong"}} {
		max := time.Duration(tt.times.MaxNanos)
		if tt.times.Count != tt.count || max < least*99/100 || max > most*101/100 {
			t.Errorf("%s: %d times, the longest %v; want %d and between %v and %v", tt.name, tt.times.Count, max, tt.count, least, most)
		}
		if got := short(tt.times.Longest.Stack); got != tt.top {
			t.Errorf("%s: the longest was in %s, want %s", tt.name, got, tt.top)
		}
		if tt.times.P50Nanos > tt.times.P99Nanos || tt.times.P99Nanos > tt.times.MaxNanos || tt.times.SumNanos < tt.times.MaxNanos {
			t.Errorf("%s: %+v is out of order", tt.name, tt.times)
		}
	}
	if c.Waits.Longest.Goroutine != waiter.ID {
		t.Errorf("the longest wait was that of goroutine %d, want %d", c.Waits.Longest.Goroutine, waiter.ID)
	}
	found := false
	for _, site := range s.WaitSites {
		found = found || site.ClassID == c.ID && site.Count == 1 && short(site.Stack) == "waitLong" && site.SumNanos == c.Waits.SumNanos
	}
	if !found {
		t.Error("the wait is not among the wait sites")
	}
}

func TestStatisticsAllocateNothing(t *testing.T) {
	if !detect.KnowsCreators {
		t.Skip("this build reads the goroutine's id from text, which allocates")
	}
	measured(t)
	var a, b agent.Mutex
	var rw agent.RWMutex
	got := testing.AllocsPerRun(100, func() {
		a.Lock()
		b.Lock()
		rw.RLock()
		b.Unlock()
		rw.RUnlock()
		a.Unlock()
	})
	if got != 0 {
		t.Errorf("%v allocations a round", got)
	}
}

// TestStatisticsOfManyGoroutines counts every pair, whichever goroutine makes it.
func TestStatisticsOfManyGoroutines(t *testing.T) {
	measured(t)
	var mu agent.Mutex
	var group sync.WaitGroup
	const goroutines, pairs = 8, 500
	for range goroutines {
		group.Go(func() {
			for range pairs {
				takeCrowd(&mu)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	c := classAt(t, "takeCrowd")
	if c.Held.Count != goroutines*pairs {
		t.Errorf("%d holds, want %d", c.Held.Count, goroutines*pairs)
	}
	n := uint64(0)
	for i, b := range c.Held.Buckets {
		n += b.Count
		if i > 0 && b.UpToNanos < c.Held.Buckets[i-1].UpToNanos {
			t.Errorf("bucket %d of %v is out of order", i, c.Held.Buckets)
		}
	}
	if n != c.Held.Count {
		t.Errorf("buckets hold %d of %d", n, c.Held.Count)
	}
}

//go:noinline
func takeCrowd(l locker) { l.Lock() }

//go:noinline
func runOnce(o *agent.Once, f func()) { o.Do(f) }

// TestStatisticsOfOnce holds a Once as long as its function runs; that its time is
// taken makes it no semaphore.
func TestStatisticsOfOnce(t *testing.T) {
	measured(t)
	var once agent.Once
	var kind string
	runOnce(&once, func() {
		s := agent.Snapshot(snapshot.Options{MaxStacks: -1})
		for _, g := range s.Goroutines {
			for _, h := range g.Holds {
				if r := s.Resources[h.Resource]; short(h.Stack) == "runOnce" {
					kind = string(r.Kind)
				}
			}
		}
	})
	runOnce(&once, func() { t.Error("ran twice") })
	if kind != "once" {
		t.Errorf("its function holds a %q, want a once", kind)
	}
	if c := classAt(t, "runOnce"); c.Held.Count != 1 {
		t.Errorf("%d holds, want 1", c.Held.Count)
	}
	if detect.IsGivenAway(stateOf(&once).(*detect.Once)) {
		t.Error("the Once counts as given away")
	}
}

// TestStatisticsOfGroups starts a goroutine under a lock, which then owes a Done to the
// group, in a way that can be waited for but is no hold of a lock.
func TestStatisticsOfGroups(t *testing.T) {
	detect.ResetForTest(t)
	measured(t)
	var mu agent.Mutex
	var group agent.WaitGroup
	goOn := make(chan bool)
	mu.Lock()
	group.Go(func() { parkHere(goOn) })
	mu.Unlock()
	for !slices.ContainsFunc(agent.Snapshot(snapshot.Options{MaxStacks: -1}).Goroutines, func(g snapshot.Goroutine) bool {
		return len(g.Holds) == 1 && g.Holds[0].Mode == finding.Await
	}) {
		runtime.Gosched()
	}
	close(goOn)
	group.Wait()
	for _, c := range agent.Snapshot(snapshot.Options{MaxStacks: -1}).Classes {
		if c.Kind == finding.WaitGroup && c.Acquired() > 0 {
			t.Errorf("%v has %d holds", c, c.Acquired())
		}
	}
}
