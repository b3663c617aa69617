package bench

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

// BenchmarkStatistics measures a pair with the time of each hold taken.
func BenchmarkStatistics(b *testing.B) {
	with := func(name string, f func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			defer agent.SetStatistics(agent.SetStatistics(true))
			b.ReportAllocs()
			f(b)
		})
	}
	with("Mutex", func(b *testing.B) {
		var mu agent.Mutex
		for b.Loop() {
			mu.Lock()
			mu.Unlock()
		}
	})
	with("Nested2", func(b *testing.B) {
		var m [2]agent.Mutex
		for b.Loop() {
			m[0].Lock()
			m[1].Lock()
			m[1].Unlock()
			m[0].Unlock()
		}
	})
	with("RLock", func(b *testing.B) {
		var mu agent.RWMutex
		for b.Loop() {
			mu.RLock()
			mu.RUnlock()
		}
	})
	with("Independent", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			mu := new(agent.Mutex)
			for pb.Next() {
				mu.Lock()
				mu.Unlock()
			}
		})
	})
	with("NewLock", func(b *testing.B) {
		for b.Loop() {
			mu := new(agent.Mutex)
			mu.Lock()
			mu.Unlock()
		}
	})
}
