package contention

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestHistogramAgainstSort compares quantiles with those of the sorted values.
func TestHistogramAgainstSort(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var h, a, b histogram
	var values []int64
	for i := range 20_000 {
		v := int64(math.Exp(rnd.Float64() * 40))
		values = append(values, v)
		h.add(v)
		if i%2 == 0 {
			a.add(v)
		} else {
			b.add(v)
		}
	}
	a.merge(&b)
	if a != h {
		t.Error("two merged halves differ from the whole")
	}
	slices.Sort(values)
	for _, q := range []float64{0, 0.01, 0.5, 0.95, 0.99, 0.9999} {
		want := values[int(q*float64(len(values)))]
		if got := h.quantile(q); math.Abs(float64(got-want)) > 0.07*float64(want)+1 {
			t.Errorf("quantile %v = %d, want about %d", q, got, want)
		}
	}
	if h.quantile(1) != h.max || h.max != values[len(values)-1] {
		t.Errorf("maximum %d, quantile 1 %d, want %d", h.max, h.quantile(1), values[len(values)-1])
	}
}

// TestBucketBounds walks every power of two: buckets must be in order and hold
// their own middle.
func TestBucketBounds(t *testing.T) {
	last := -1
	for shift := 1; shift < 63; shift++ {
		for _, v := range []uint64{1<<shift - 1, 1 << shift, 1<<shift + 1} {
			i := bucket(v)
			if i < last {
				t.Fatalf("bucket(%d) = %d after %d", v, i, last)
			}
			last = i
			if i < histBuckets-1 && bucket(uint64(middle(i))) != i {
				t.Errorf("middle of bucket %d (of %d) is %d, in bucket %d", i, v, middle(i), bucket(uint64(middle(i))))
			}
		}
	}
	var h histogram
	h.add(-5)
	h.add(math.MaxInt64)
	if h.count != 2 || h.quantile(0.99) <= 0 {
		t.Errorf("extremes: %d values, p99 %d", h.count, h.quantile(0.99))
	}
}
