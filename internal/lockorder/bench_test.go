package lockorder

import "testing"

// Each benchmark builds a graph that is hard on a naive search; the figure that
// matters is the time of one Add.
func BenchmarkAdd(b *testing.B) {
	for _, bm := range []struct {
		name string
		dep  func(i int) Dependency[string]
	}{
		{"shards under an anchor", func(i int) Dependency[string] {
			return dep(uint64(i%5)+1, LockID(i%4096)+2, 1)
		}},
		{"pairs in index order", func(i int) Dependency[string] {
			x, y := LockID(i*7919%1000)+1, LockID(i/1000*104729%1000)+1
			return dep(uint64(i%5)+1, max(x, y), min(x, y))
		}},
		{"new lock under an old one", func(i int) Dependency[string] {
			return dep(uint64(i)+1, LockID(i)+2, 1)
		}},
		{"inverted pairs behind a gate", func(i int) Dependency[string] {
			x, y := LockID(i*7919%1000)+2, LockID(i/1000*104729%1000)+2
			if x == y {
				y++
			}
			return dep(uint64(i%5)+1, x, 1, y)
		}},
		{"inverted pairs of one goroutine", func(i int) Dependency[string] {
			x, y := LockID(i*7919%1000)+2, LockID(i/1000*104729%1000)+2
			return dep(1, x, y)
		}},
	} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			g := new(graph)
			for i := range b.N {
				if cycles, _ := g.Add(bm.dep(i)); cycles != nil {
					b.Fatalf("step %d: %d cycles", i, len(cycles))
				}
			}
			s := g.Stats()
			b.ReportMetric(float64(s.Steps)/float64(b.N), "steps/op")
			b.ReportMetric(float64(s.CutSearches)/float64(b.N), "cut/op")
		})
	}
}

// An index loop holds every lock that it has taken so far.
func BenchmarkAddThousandHeld(b *testing.B) {
	const n = 1000
	deps := make([]Dependency[string], n)
	for i := range deps {
		held := make([]LockID, i+1)
		for j := range held {
			held[j] = LockID(j) + 1
		}
		deps[i] = dep(1, LockID(i)+2, held...)
	}
	for range b.N {
		g := new(graph)
		for _, d := range deps {
			if cycles, _ := g.Add(d); cycles != nil {
				b.Fatal("a cycle")
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/add")
}

// The worst case: all pairs of many locks, by as many goroutines, in one
// component, so that every Add runs out of steps.
func BenchmarkAddCutSearch(b *testing.B) {
	const n = 100
	g := New[string](Options{MaxCycles: 1 << 30})
	for i := range LockID(n) {
		for j := range LockID(n) {
			if i != j {
				g.Add(dep(1, j+1, i+1))
			}
		}
	}
	cut := g.Stats().CutSearches
	b.ResetTimer()
	for i := range b.N {
		x, y := LockID(i%n)+1, LockID((i/n+i+1)%n)+1
		if x != y {
			g.Add(dep(uint64(i)+2, x, y))
		}
	}
	b.ReportMetric(float64(g.Stats().CutSearches-cut)/float64(b.N), "cut/op")
}
