package loop

import (
	"math/bits"

	"github.com/concdoctor/concdoctor/agent/finding"
)

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
			low := lowest(i)
			return min(low+low/4, h.max)
		}
	}
	return h.max
}

// lowest returns the least duration of a bucket.
func lowest(bucket int) int64 {
	return int64(1)<<(bucket/2) + int64(bucket%2)<<(bucket/2)>>1
}

// iterations returns the distribution for a report, from the first bucket that is not
// empty to the last.
func (h *histogram) iterations() []finding.Histogram {
	out := finding.Histogram{Name: "iterations", MaxNanos: h.max}
	for i, n := range h.buckets {
		if i >= histBuckets-2 || lowest(i) > h.max {
			break
		}
		if i != 1 && (n > 0 || len(out.Counts) > 0) { // 1 ns has no upper half
			out.Bounds = append(out.Bounds, lowest(i))
			out.Counts = append(out.Counts, int64(n))
		}
	}
	return []finding.Histogram{out}
}
