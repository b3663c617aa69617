package bench

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkShards locks one of 4,096 shards of a map under a common anchor, as a
// sharded map with a read-locked directory does: many chains, all of them short.
func BenchmarkShards(b *testing.B) {
	const shards = 4096
	for _, p := range peers {
		b.Run(p.name, func(b *testing.B) {
			anchor := p.make()
			all := make([]sync.Locker, shards)
			for i := range all {
				all[i] = p.make()
				anchor.Lock() // every pair was seen once
				all[i].Lock()
				all[i].Unlock()
				anchor.Unlock()
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				l := all[i%shards]
				i++
				anchor.Lock()
				l.Lock()
				l.Unlock()
				anchor.Unlock()
			}
		})
	}
}

// BenchmarkHeldElsewhere has other goroutines hold locks meanwhile.
func BenchmarkHeldElsewhere(b *testing.B) {
	for _, held := range []int{0, 100, 10000} {
		for _, p := range peers {
			b.Run(strconv.Itoa(held)+"/"+p.name, func(b *testing.B) {
				release := make(chan bool)
				var holding, released sync.WaitGroup
				holding.Add(held)
				for range held {
					released.Go(func() {
						l := p.make()
						l.Lock()
						holding.Done()
						<-release
						l.Unlock()
					})
				}
				holding.Wait()
				mu := p.make()
				b.ReportAllocs()
				for b.Loop() {
					mu.Lock()
					mu.Unlock()
				}
				close(release)
				released.Wait()
			})
		}
	}
}

// BenchmarkDepth locks deep in a stack: what a walk of it costs.
func BenchmarkDepth(b *testing.B) {
	for _, depth := range []int{0, 50} {
		for _, p := range peers {
			b.Run(strconv.Itoa(depth)+"/"+p.name, func(b *testing.B) {
				mu := p.make()
				b.ReportAllocs()
				deep(depth, func() {
					for b.Loop() {
						mu.Lock()
						mu.Unlock()
					}
				})
			})
		}
	}
}

//go:noinline
func deep(n int, f func()) {
	if n > 0 {
		deep(n-1, f)
		return
	}
	f()
}

// work is some hundred nanoseconds of a section: about what a small map costs.
func work(x uint64) uint64 {
	for range 100 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

var sink atomic.Uint64 // keeps what is computed

// BenchmarkContendedWork is BenchmarkContended with something to do in the section
// and as much outside.
func BenchmarkContendedWork(b *testing.B) {
	for _, goroutines := range []int{2, 8, 64} {
		for _, p := range peers {
			b.Run(strconv.Itoa(goroutines)+"/"+p.name, func(b *testing.B) {
				mu := p.make()
				var shared uint64
				var group sync.WaitGroup
				for i := range goroutines {
					group.Go(func() {
						own := uint64(i)
						for range b.N/goroutines + min(1, i) {
							mu.Lock()
							shared = work(shared)
							mu.Unlock()
							own = work(own)
						}
						sink.Store(own)
					})
				}
				group.Wait()
			})
		}
	}
}
