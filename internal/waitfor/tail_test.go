package waitfor

import (
	"testing"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// crowd registers n goroutines that wait for lock 1, which goroutine 1 holds. It
// waits for lock 2 itself.
func crowd(tb testing.TB, g *Graph, n int) {
	tb.Helper()
	g.Add(&Wait{Goroutine: 1, Lock: 2, Held: []Hold{{Lock: 1}}})
	for i := range n {
		if dead := g.Add(&Wait{Goroutine: uint64(i) + 10, Lock: 1, Mode: lockorder.Mode(i % 2)}); dead != nil {
			tb.Fatalf("wait %d: cycle %q", i, goroutines(dead))
		}
	}
}

func TestLongTailOfVictims(t *testing.T) {
	var g Graph
	crowd(t, &g, 2000)
	dead := g.Add(&Wait{Goroutine: 2, Lock: 1, Held: []Hold{{Lock: 2}}})
	if got := goroutines(dead); got != "2 1" {
		t.Errorf("cycle %q, want the two at fault and none of the victims", got)
	}
	if got := g.Add(&Wait{Goroutine: 3, Lock: 1}); got != nil {
		t.Errorf("a further victim completes %q", goroutines(got))
	}
	if err := g.check(); err != nil {
		t.Error(err)
	}
}

// One more wait must cost the same however many wait already.
func BenchmarkAddBehindACrowd(b *testing.B) {
	for _, bm := range []struct {
		name string
		n    int
	}{{"none", 0}, {"20000", 20000}} {
		b.Run(bm.name, func(b *testing.B) {
			var g Graph
			crowd(b, &g, bm.n)
			w := &Wait{Goroutine: 2, Lock: 1, Held: []Hold{{Lock: 3}}}
			b.ReportAllocs()
			for b.Loop() {
				if g.Add(w) != nil {
					b.Fatal("a cycle")
				}
				g.Remove(w)
			}
		})
	}
}
