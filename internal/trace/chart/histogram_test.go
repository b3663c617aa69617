package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestHistogramAgainstSort compares quantiles with those of the sorted values.
func TestHistogramAgainstSort(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	var h, a, b Histogram
	var values []int64
	for i := range 20_000 {
		v := int64(math.Exp(rnd.Float64() * 40))
		values = append(values, v)
		h.Add(v)
		if i%2 == 0 {
			a.Add(v)
		} else {
			b.Add(v)
		}
	}
	a.Merge(&b)
	if a != h {
		t.Error("two merged halves differ from the whole")
	}
	slices.Sort(values)
	for _, q := range []float64{0, 0.01, 0.5, 0.95, 0.99, 0.9999} {
		want := values[int(q*float64(len(values)))]
		if got := h.Quantile(q); math.Abs(float64(got-want)) > 0.07*float64(want)+1 {
			t.Errorf("quantile %v = %d, want about %d", q, got, want)
		}
	}
	if h.Quantile(1) != h.Max || h.Max != values[len(values)-1] {
		t.Errorf("maximum %d, quantile 1 %d, want %d", h.Max, h.Quantile(1), values[len(values)-1])
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
	var h Histogram
	h.Add(-5)
	h.Add(math.MaxInt64)
	if h.Count != 2 || h.Quantile(0.99) <= 0 {
		t.Errorf("extremes: %d values, p99 %d", h.Count, h.Quantile(0.99))
	}
}
