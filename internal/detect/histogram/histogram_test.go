package histogram

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

func TestBucketsTileAllValues(t *testing.T) {
	for i := range bucketNum {
		low := lower(i)
		if got := index(low); got != i {
			t.Fatalf("index(%d) = %d, want %d", low, got, i)
		}
		if i > 0 {
			if got := index(low - 1); got != i-1 {
				t.Fatalf("index(%d) = %d, want %d", low-1, got, i-1)
			}
		}
	}
	if got := index(^uint64(0)); got != bucketNum-1 {
		t.Errorf("the largest value is in bucket %d of %d", got, bucketNum)
	}
}

// TestQuantilesAgainstSorting compares with the exact answer.
func TestQuantilesAgainstSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var h Histogram
		values := make([]uint64, 1+r.IntN(2000))
		sum := uint64(0)
		for i := range values {
			values[i] = r.Uint64() >> (24 + r.IntN(40))
			sum += values[i]
			h.Add(values[i])
		}
		slices.Sort(values)
		var c Counts
		c.AddFrom(&h)
		if c.Total != uint64(len(values)) || c.Sum != sum {
			t.Fatalf("total %d, sum %d; want %d and %d", c.Total, c.Sum, len(values), sum)
		}
		for _, q := range []float64{0, 0.5, 0.9, 0.99, 1} {
			exact := values[max(0, int(math.Ceil(q*float64(len(values))))-1)]
			got := c.Quantile(q)
			if diff := max(got, exact) - min(got, exact); diff > exact/parts {
				t.Errorf("quantile %v of %d values = %d, exactly %d", q, len(values), got, exact)
			}
		}
	}
}

func TestCountsOfManyWriters(t *testing.T) {
	var h Histogram
	var group sync.WaitGroup
	const writers, each = 8, 1000
	for range writers {
		group.Go(func() {
			for i := range uint64(each) {
				h.Add(i)
			}
		})
	}
	group.Wait()
	var c, doubled Counts
	c.AddFrom(&h)
	doubled.Merge(&c)
	doubled.Merge(&c)
	if c.Total != writers*each || doubled.Total != 2*c.Total || doubled.Sum != 2*c.Sum {
		t.Errorf("total %d, doubled %d", c.Total, doubled.Total)
	}
	n := uint64(0)
	for _, b := range c.Buckets() {
		if b.Low >= b.High {
			t.Errorf("bucket %+v", b)
		}
		n += b.Count
	}
	if n != c.Total {
		t.Errorf("buckets hold %d of %d", n, c.Total)
	}
}

func TestEmpty(t *testing.T) {
	var c Counts
	if c.Quantile(0.5) != 0 || c.Buckets() != nil {
		t.Error("an empty histogram has values")
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	var h Histogram
	if n := testing.AllocsPerRun(100, func() { h.Add(12345) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
