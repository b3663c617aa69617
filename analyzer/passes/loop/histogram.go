package loop

import "math/bits"

// histBuckets gives two buckets to every power of two: enough for "about 3 ms".
const histBuckets = 2 * 64

// histogram counts durations. The zero value is empty.
type histogram struct {
	buckets [histBuckets]uint32
	count   int64
	sum     int64
	max     int64
}

func (h *histogram) add(nanos int64) {
	nanos = max(nanos, 1)
	high := bits.Len64(uint64(nanos)) - 1
	half := int(uint64(nanos) << (64 - high) >> 63) // the bit below the highest
	h.buckets[2*high+half]++
	h.count++
	h.sum += nanos
	h.max = max(h.max, nanos)
}

// quantile returns the middle of the bucket that holds the share q of those
// counted, 0 if there are none.
func (h *histogram) quantile(q float64) int64 {
	rank := int64(q * float64(h.count))
	var seen int64
	for i, n := range h.buckets {
		if seen += int64(n); seen > rank {
			low := int64(1)<<(i/2) + int64(i%2)<<(i/2)>>1
			return min(low+low/4, h.max)
		}
	}
	return h.max
}
