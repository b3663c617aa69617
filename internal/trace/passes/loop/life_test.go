package loop

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// TestHistogram compares quantiles with those of the sorted values.
func TestHistogram(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var h histogram
	var values []int64
	for range 5000 {
		v := rnd.Int64N(1 << (1 + rnd.IntN(40)))
		h.add(v)
		values = append(values, max(v, 1))
	}
	slices.Sort(values)
	for _, q := range []float64{0, 0.1, 0.5, 0.9, 0.99, 0.9999} {
		want := values[int(q*float64(len(values)))]
		got := h.quantile(q)
		// Two buckets to a power of two: the middle is off by a third at most.
		if float64(got) < 0.66*float64(want)-1 || float64(got) > 1.34*float64(want)+1 {
			t.Errorf("quantile %v = %d, want about %d", q, got, want)
		}
	}
	if h.max != values[len(values)-1] || h.quantile(1) != h.max {
		t.Errorf("max %d, quantile(1) %d, want %d", h.max, h.quantile(1), values[len(values)-1])
	}
	shown := h.iterations()[0]
	counted := int64(0)
	for i, n := range shown.Counts {
		from, to := shown.Bounds[i], shown.MaxNanos+1
		if i+1 < len(shown.Bounds) {
			to = shown.Bounds[i+1]
		}
		first, _ := slices.BinarySearch(values, from)
		last, _ := slices.BinarySearch(values, to)
		counted += n
		if n != int64(last-first) {
			t.Errorf("%d from %d to %d, want %d", n, from, to, last-first)
		}
	}
	if counted != h.count || shown.MaxNanos != h.max {
		t.Errorf("%d of %d in %+v", counted, h.count, shown)
	}
	if (&histogram{}).quantile(0.5) != 0 {
		t.Error("an empty histogram has a median")
	}
}

// TestManyLines has a home among many lines that come once: it must stay the home,
// and memory must stay bounded.
func TestManyLines(t *testing.T) {
	l := &life{home: -1}
	home := line{frame: 1, depth: 3}
	for i := range 1000 {
		l.visit(home, 1, int64(i))
		l.visit(line{frame: 2, depth: i}, 1, int64(i))
		l.visit(line{frame: 3, depth: i}, 1, int64(i))
		if len(l.lines) > maxLines {
			t.Fatalf("%d lines are kept", len(l.lines))
		}
		if !l.isHome(home) {
			t.Fatalf("after %d visits the home is %+v", i, l.lines[l.home])
		}
	}
	if got := l.lines[l.home].count; got != 1000 {
		t.Errorf("%d home visits, want 1000", got)
	}
}

// TestManyBlocks keeps the first stacks only.
func TestManyBlocks(t *testing.T) {
	l := &life{home: -1}
	for i := range 100 {
		for range 2 {
			l.blocked(block{stack: 1 + stream.StackID(i), first: int64(i)}, int64(i), int64(i)+slowNanos)
		}
	}
	if len(l.blocks) != maxBlocks {
		t.Fatalf("%d blocks are kept, want %d", len(l.blocks), maxBlocks)
	}
	for i, b := range l.blocks {
		if b.stack != 1+stream.StackID(i) || b.count != 2 || b.total != 2*slowNanos || b.max != slowNanos {
			t.Errorf("block %d is %+v", i, b)
		}
	}
}
