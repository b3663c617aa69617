package bench

import (
	"strconv"
	"sync"
	"testing"

	"github.com/sasha-s/go-deadlock"

	"github.com/concdoctor/concdoctor/agent"
)

// peers are the implementations that each benchmark runs side by side.
var peers = []struct {
	name string
	make func() sync.Locker
}{
	{"sync", func() sync.Locker { return new(sync.Mutex) }},
	{"agent", func() sync.Locker { return new(agent.Mutex) }},
	{"go-deadlock", func() sync.Locker { return new(deadlock.Mutex) }},
}

// The uncontended pairs are written out for each type: a call through Locker
// would cost sync its inlined fast path and flatter the others.

func BenchmarkMutex(b *testing.B) {
	b.Run("sync", func(b *testing.B) {
		var mu sync.Mutex
		b.ReportAllocs()
		for b.Loop() {
			mu.Lock()
			mu.Unlock()
		}
	})
	b.Run("agent", func(b *testing.B) {
		var mu agent.Mutex
		b.ReportAllocs()
		for b.Loop() {
			mu.Lock()
			mu.Unlock()
		}
	})
	b.Run("go-deadlock", func(b *testing.B) {
		var mu deadlock.Mutex
		b.ReportAllocs()
		for b.Loop() {
			mu.Lock()
			mu.Unlock()
		}
	})
}

func BenchmarkNested2(b *testing.B) {
	b.Run("sync", func(b *testing.B) {
		var m [2]sync.Mutex
		b.ReportAllocs()
		for b.Loop() {
			m[0].Lock()
			m[1].Lock()
			m[1].Unlock()
			m[0].Unlock()
		}
	})
	b.Run("agent", func(b *testing.B) {
		var m [2]agent.Mutex
		b.ReportAllocs()
		for b.Loop() {
			m[0].Lock()
			m[1].Lock()
			m[1].Unlock()
			m[0].Unlock()
		}
	})
	b.Run("go-deadlock", func(b *testing.B) {
		var m [2]deadlock.Mutex
		b.ReportAllocs()
		for b.Loop() {
			m[0].Lock()
			m[1].Lock()
			m[1].Unlock()
			m[0].Unlock()
		}
	})
}

func BenchmarkNested4(b *testing.B) {
	b.Run("sync", func(b *testing.B) {
		var m [4]sync.Mutex
		b.ReportAllocs()
		for b.Loop() {
			m[0].Lock()
			m[1].Lock()
			m[2].Lock()
			m[3].Lock()
			m[3].Unlock()
			m[2].Unlock()
			m[1].Unlock()
			m[0].Unlock()
		}
	})
	b.Run("agent", func(b *testing.B) {
		var m [4]agent.Mutex
		b.ReportAllocs()
		for b.Loop() {
			m[0].Lock()
			m[1].Lock()
			m[2].Lock()
			m[3].Lock()
			m[3].Unlock()
			m[2].Unlock()
			m[1].Unlock()
			m[0].Unlock()
		}
	})
	b.Run("go-deadlock", func(b *testing.B) {
		var m [4]deadlock.Mutex
		b.ReportAllocs()
		for b.Loop() {
			m[0].Lock()
			m[1].Lock()
			m[2].Lock()
			m[3].Lock()
			m[3].Unlock()
			m[2].Unlock()
			m[1].Unlock()
			m[0].Unlock()
		}
	})
}

func BenchmarkRLock(b *testing.B) {
	b.Run("sync", func(b *testing.B) {
		var mu sync.RWMutex
		b.ReportAllocs()
		for b.Loop() {
			mu.RLock()
			mu.RUnlock()
		}
	})
	b.Run("agent", func(b *testing.B) {
		var mu agent.RWMutex
		b.ReportAllocs()
		for b.Loop() {
			mu.RLock()
			mu.RUnlock()
		}
	})
	b.Run("go-deadlock", func(b *testing.B) {
		var mu deadlock.RWMutex
		b.ReportAllocs()
		for b.Loop() {
			mu.RLock()
			mu.RUnlock()
		}
	})
}

// BenchmarkIndependent has one lock a goroutine: what they share is the detector.
func BenchmarkIndependent(b *testing.B) {
	for _, p := range peers {
		b.Run(p.name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				mu := p.make()
				for pb.Next() {
					mu.Lock()
					mu.Unlock()
				}
			})
		})
	}
}

// BenchmarkContended has all goroutines on one lock.
func BenchmarkContended(b *testing.B) {
	for _, goroutines := range []int{2, 8, 64} {
		for _, p := range peers {
			b.Run(strconv.Itoa(goroutines)+"/"+p.name, func(b *testing.B) {
				mu := p.make()
				counter := 0
				var group sync.WaitGroup
				for i := range goroutines {
					group.Go(func() {
						for range b.N/goroutines + min(1, i) {
							mu.Lock()
							counter++
							mu.Unlock()
						}
					})
				}
				group.Wait()
			})
		}
	}
}
