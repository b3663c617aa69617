package contention

import "math/bits"

const (
	// subBits gives 8 buckets to every power of two: a quantile is off by 6 % at most.
	subBits = 3
	// histBuckets covers every int64: 2^60 ns are 36 years.
	histBuckets = (64 - subBits) << subBits
)

// histogram counts durations in log-linear buckets, in bounded memory. The zero
// value is empty.
type histogram struct {
	buckets [histBuckets]uint32
	count   int64
	sum     int64
	max     int64
}

func (h *histogram) add(nanos int64) {
	nanos = max(nanos, 0)
	h.buckets[bucket(uint64(nanos))]++
	h.count++
	h.sum += nanos
	h.max = max(h.max, nanos)
}

// merge adds what other has counted.
func (h *histogram) merge(other *histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
	h.sum += other.sum
	h.max = max(h.max, other.max)
}

// quantile returns the duration that the share q of those counted does not exceed,
// 0 if there are none.
func (h *histogram) quantile(q float64) int64 {
	rank := int64(q * float64(h.count))
	var seen int64
	for i, n := range h.buckets {
		if seen += int64(n); seen > rank {
			return min(middle(i), h.max)
		}
	}
	return h.max
}

// bucket returns the index of the bucket that v falls into: small values have
// their own, larger ones share by their highest subBits+1 bits.
func bucket(v uint64) int {
	if v < 1<<subBits {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return min(shift<<subBits+int(v>>shift), histBuckets-1)
}

// middle returns the middle of the bucket's values.
func middle(i int) int64 {
	if i < 1<<(subBits+1) {
		return int64(i)
	}
	shift := i>>subBits - 1
	low := int64(i-shift<<subBits) << shift
	return low + int64(1)<<shift/2
}
