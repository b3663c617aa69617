package histogram

import (
	"math"
	"math/bits"
	"sync/atomic"
)

const (
	subBits   = 3
	parts     = 1 << subBits // buckets a power of two
	maxShift  = 40
	bucketNum = maxShift<<subBits + 2*parts
)

// Histogram counts values. The zero value is empty and ready. It must not be copied.
type Histogram struct {
	sum     atomic.Uint64
	buckets [bucketNum]atomic.Uint64
}

// Add counts v. A value beyond 2^44 counts in the last bucket.
func (h *Histogram) Add(v uint64) {
	h.buckets[index(v)].Add(1)
	h.sum.Add(v)
}

func index(v uint64) int {
	shift := bits.Len64(v) - (subBits + 1)
	if shift <= 0 {
		return int(v)
	}
	if shift > maxShift {
		return bucketNum - 1
	}
	return shift<<subBits + int(v>>shift)
}

// lower returns the least value of the bucket.
func lower(i int) uint64 {
	if i < 2*parts {
		return uint64(i)
	}
	return uint64(parts+i%parts) << (i/parts - 1)
}

// Counts is what histograms held at one moment. The zero value is empty.
type Counts struct {
	Sum     uint64
	Total   uint64
	buckets [bucketNum]uint64
}

// AddFrom adds what h holds now. Values that others add meanwhile may be in the
// buckets and not yet in the sum.
func (c *Counts) AddFrom(h *Histogram) {
	c.Sum += h.sum.Load()
	for i := range h.buckets {
		n := h.buckets[i].Load()
		c.buckets[i] += n
		c.Total += n
	}
}

// Merge adds what other holds.
func (c *Counts) Merge(other *Counts) {
	c.Sum += other.Sum
	c.Total += other.Total
	for i, n := range other.buckets {
		c.buckets[i] += n
	}
}

// Quantile returns the value below or at which the share q (0 to 1) of all values
// lies, as the middle of its bucket; 0 if there are none.
func (c *Counts) Quantile(q float64) uint64 {
	if c.Total == 0 {
		return 0
	}
	rank := uint64(max(0, math.Ceil(q*float64(c.Total))-1)) // how many are smaller: the nearest-rank method
	rank = min(rank, c.Total-1)
	for i, n := range c.buckets {
		if rank < n {
			return middle(i)
		}
		rank -= n
	}
	return middle(bucketNum - 1)
}

func middle(i int) uint64 {
	if i >= bucketNum-1 {
		return lower(i)
	}
	return (lower(i) + lower(i+1) - 1) / 2
}

// Bucket is the values from Low up to, but without, High.
type Bucket struct{ Low, High, Count uint64 }

// Buckets returns those that are not empty, in order. The last one of a Histogram
// has no upper end; its High is the largest value of its type.
func (c *Counts) Buckets() (list []Bucket) {
	for i, n := range c.buckets {
		if n == 0 {
			continue
		}
		b := Bucket{Low: lower(i), High: ^uint64(0), Count: n}
		if i < bucketNum-1 {
			b.High = lower(i + 1)
		}
		list = append(list, b)
	}
	return list
}
