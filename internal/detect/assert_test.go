//go:build !concdoctor_off

package detect_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func expectsHeld(l agent.Locker) { agent.AssertHeld(l) }

//go:noinline
func expectsRead(l agent.Locker) { agent.AssertRHeld(l) }

func TestAssertions(t *testing.T) {
	type said struct{ Certainty, At string }
	for _, tt := range []struct {
		name string
		run  func(mu *agent.Mutex, rw *embedding)
		want []said
	}{
		{"nobody holds it", func(mu *agent.Mutex, _ *embedding) { expectsHeld(mu) }, []said{{"observed", "expectsHeld"}}},
		{"not any more", func(mu *agent.Mutex, _ *embedding) { mu.Lock(); mu.Unlock(); expectsHeld(mu) }, []said{{"observed", "expectsHeld"}}},
		{"another one", func(mu *agent.Mutex, rw *embedding) { under(mu, func() { expectsHeld(rw) })() }, []said{{"observed", "expectsHeld"}}},
		{"another goroutine holds it", func(mu *agent.Mutex, _ *embedding) {
			under(mu, func() { run(func() { expectsHeld(mu) }) })()
		}, []said{{"potential", "expectsHeld"}}},
		{"only reads", func(_ *agent.Mutex, rw *embedding) {
			rw.RLock()
			expectsHeld(rw)
			rw.RUnlock()
		}, []said{{"observed", "expectsHeld"}}},
		{"nobody reads it", func(_ *agent.Mutex, rw *embedding) { expectsRead(rw); expectsHeld(rw.RLocker()) }, []said{
			{"observed", "expectsHeld"}, {"observed", "expectsRead"},
		}},

		{"held", func(mu *agent.Mutex, rw *embedding) {
			under(mu, under(rw, func() { expectsHeld(mu); expectsHeld(rw); expectsRead(rw); expectsHeld(rw.RLocker()) }))()
		}, nil},
		{"held by TryLock", func(mu *agent.Mutex, _ *embedding) { mu.TryLock(); expectsHeld(mu); mu.Unlock() }, nil},
		{"read", func(_ *agent.Mutex, rw *embedding) {
			rw.RLock()
			expectsRead(rw)
			expectsRead(rw.RLocker())
			rw.RUnlock()
		}, nil},
		{"a lock that goroutines hand over", func(mu *agent.Mutex, _ *embedding) {
			mu.Lock()
			run(mu.Unlock)
			mu.Lock()
			run(func() { expectsHeld(mu); mu.Unlock() })
		}, nil},
		{"no lock of ours", func(_ *agent.Mutex, _ *embedding) {
			expectsHeld(new(sync.Mutex))
			expectsRead(new(sync.RWMutex))
			expectsHeld(nil)
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detect.ResetForTest(t)
			tt.run(new(agent.Mutex), new(embedding))
			var got []said
			for _, f := range held(t) {
				if f.Rule != "not-held" {
					t.Errorf("finding %+v", f)
				}
				got = append(got, said{f.Certainty.String(), short(f.Places[0].Stack)})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAssertionsAreCounted(t *testing.T) {
	detect.ResetForTest(t)
	var mu agent.Mutex
	for range 5 {
		expectsHeld(&mu)
	}
	if f := agent.Findings(); len(f) != 1 || f[0].Count != 5 {
		t.Errorf("findings %+v", f)
	}
	if !mu.TryLock() {
		t.Error("a failed assertion keeps the lock")
	}
	if n := testing.AllocsPerRun(100, func() { expectsHeld(&mu) }); n != 0 && detect.KnowsCreators {
		t.Errorf("%v allocations a run", n)
	}
	mu.Unlock()
}
