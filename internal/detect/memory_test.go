//go:build !concdoctor_off

package detect_test

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/race"
)

// load is something that a program may do a million times.
type load struct {
	name string
	do   func(n int)
}

// loads are programs without end: what they use goes, and others come.
func loads() []load {
	var anchor, other agent.Mutex
	pair := func(a, b *agent.Mutex) {
		a.Lock()
		b.Lock()
		b.Unlock()
		a.Unlock()
	}
	return []load{
		{"short-lived mutexes under an old one", func(n int) {
			for range n {
				pair(&anchor, new(agent.Mutex))
			}
		}},
		{"short-lived mutexes under each other", func(n int) {
			for range n {
				a, b, c := new(agent.Mutex), new(agent.Mutex), new(agent.Mutex)
				pair(a, b)
				pair(b, c)
			}
		}},
		{"goroutines with two old mutexes", func(n int) {
			var all agent.WaitGroup
			for i := range n {
				all.Go(func() { pair(&anchor, &other) })
				if i%64 == 0 {
					all.Wait()
				}
			}
			all.Wait()
		}},
		{"goroutines with mutexes of their own, each awaited", func(n int) {
			for range n {
				var done agent.WaitGroup
				done.Go(func() { pair(new(agent.Mutex), new(agent.Mutex)) })
				done.Wait()
			}
		}},
		{"goroutines that hand on what they know", func(n int) {
			c := agent.MakeChan[int](8)
			for i := range n {
				agent.Go(func() {
					pair(&anchor, new(agent.Mutex))
					c.Send(i)
				})
				c.Recv()
			}
		}},
		{"both orders, kept apart", func(n int) {
			for range n {
				a, b := new(agent.Mutex), new(agent.Mutex)
				pair(a, b)
				var done agent.WaitGroup
				done.Go(func() { pair(b, a) })
				done.Wait()
			}
		}},
	}
}

// heap is what is in use when everything that can go has gone: cleanups run after
// the collection that found their objects dead, and free more.
func heap() (bytes uint64) {
	var m runtime.MemStats
	for last := ^uint64(0); ; {
		for range 3 {
			runtime.GC()
			time.Sleep(5 * time.Millisecond) // for the goroutine that runs cleanups
		}
		runtime.ReadMemStats(&m)
		if m.HeapAlloc+m.HeapAlloc/100 >= last {
			return m.HeapAlloc
		}
		last = m.HeapAlloc
	}
}

// memoryBound is what the agent may keep for all that it has seen, in bytes. The
// order graph takes up to 50 MB by its own bound (see lockorder.Options); nothing
// here comes near it.
const memoryBound = 20 << 20

// TestMemoryIsBounded does each load many times and looks at the heap. What grows
// shows in less than the million that BenchmarkMemory is for.
func TestMemoryIsBounded(t *testing.T) {
	n := 40_000
	if testing.Short() || race.Enabled || !detect.KnowsCreators {
		n /= 10
	}
	detect.ResetForTest(t)
	for _, l := range loads() {
		t.Run(l.name, func(t *testing.T) {
			l.do(1000)
			before := heap()
			l.do(n)
			if grown := int64(heap()) - int64(before); grown > memoryBound {
				t.Errorf("the heap grew by %d MB in %d rounds", grown>>20, n)
			}
		})
	}
	if found := agent.Findings(); len(found) > 0 {
		t.Errorf("found %v", briefs(found))
	}
}

// BenchmarkMemory tells what a million rounds leave behind, and how much was in use
// at once:
//
//	go test -run '^$' -bench Memory -benchtime 1000000x ./agent
func BenchmarkMemory(b *testing.B) {
	agent.Configure(agent.Options{Output: io.Discard, SelfWait: time.Hour})
	for _, l := range loads() {
		b.Run(strings.ReplaceAll(l.name, " ", "-"), func(b *testing.B) {
			l.do(1000)
			before := heap()
			stop, peak := make(chan bool), make(chan uint64)
			go func() {
				var m runtime.MemStats
				var most uint64
				for {
					select {
					case <-stop:
						peak <- most
						return
					case <-time.After(20 * time.Millisecond):
						runtime.ReadMemStats(&m)
						most = max(most, m.HeapAlloc)
					}
				}
			}()
			b.ResetTimer()
			l.do(b.N)
			b.StopTimer()
			close(stop)
			b.ReportMetric(float64(<-peak)/1e6, "peak-MB")
			b.ReportMetric((float64(heap())-float64(before))/1e6, "kept-MB")
		})
	}
}

// TestObjectsAreCollected: the agent keeps no object alive that has a lock in it,
// whatever it has learnt of the lock.
func TestObjectsAreCollected(t *testing.T) {
	type object struct {
		mu, child agent.Mutex
		rw        agent.RWMutex
		group     agent.WaitGroup
		messages  agent.Chan[*object]
		_         [1 << 12]byte
	}
	detect.ResetForTest(t)
	const n = 500
	gone := make(chan struct{}, n)
	use := func() {
		o := &object{messages: agent.MakeChan[*object](1)}
		runtime.AddCleanup(o, func(struct{}) { gone <- struct{}{} }, struct{}{})
		o.mu.Lock()
		o.child.Lock()
		o.rw.Lock()
		o.rw.Unlock()
		o.child.Unlock()
		o.mu.Unlock()
		o.group.Go(func() { // the other way round, kept apart: such locks are watched
			o.rw.RLock()
			o.mu.Lock()
			o.mu.Unlock()
			o.rw.RUnlock()
			o.messages.Send(o)
		})
		o.group.Wait()
		if o.messages.Recv() != o {
			t.Error("another object")
		}
	}
	for range n {
		use()
	}
	deadline := time.After(time.Minute)
	// The last object may lie on the stack still.
	for collected := 0; collected < n-1; {
		runtime.GC()
		select {
		case <-gone:
			collected++
		case <-time.After(100 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%d of %d objects were collected", collected, n)
		}
	}
}
