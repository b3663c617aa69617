package chart

import (
	"math/bits"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// subBits gives 8 buckets to every power of two: a quantile is off by 6 % at most.
	subBits = 3
	// histBuckets covers every int64: 2^60 ns are 36 years.
	histBuckets = (64 - subBits) << subBits
)

// Histogram counts durations in nanoseconds.
type Histogram struct {
	buckets [histBuckets]uint32
	// Count, Sum and Max are exact.
	Count, Sum, Max int64
}

// Add counts a duration; a negative one counts as 0.
func (h *Histogram) Add(nanos int64) {
	nanos = max(nanos, 0)
	h.buckets[bucket(uint64(nanos))]++
	h.Count++
	h.Sum += nanos
	h.Max = max(h.Max, nanos)
}

// Merge adds what other has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.Count += other.Count
	h.Sum += other.Sum
	h.Max = max(h.Max, other.Max)
}

// Quantile returns the duration that the share q of those counted does not exceed,
// 0 if there are none.
func (h *Histogram) Quantile(q float64) int64 {
	rank := int64(q * float64(h.Count))
	var seen int64
	for i, n := range h.buckets {
		if seen += int64(n); seen > rank {
			return min(middle(i), h.Max)
		}
	}
	return h.Max
}

// WaitKind is what was counted of waits of one kind, for a report.
func (h *Histogram) WaitKind(reason string, pairs []finding.Pair) finding.WaitKind {
	return finding.WaitKind{
		Reason: reason, Nanos: h.Sum, Count: h.Count,
		P50Nanos: h.Quantile(0.5), P95Nanos: h.Quantile(0.95), MaxNanos: h.Max, Pairs: pairs,
	}
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

// Buckets returns the distribution for a report: one bucket to every power of two,
// from the first that is not empty to the last.
func (h *Histogram) Buckets(name string) finding.Histogram {
	out := finding.Histogram{Name: name, MaxNanos: h.Max}
	if h.Count == 0 {
		return out
	}
	power := -1
	for i, n := range h.buckets {
		if n == 0 && power < 0 {
			continue
		}
		low := lowest(i)
		if high := bits.Len64(uint64(low)); high != power {
			if low > h.Max {
				break
			}
			power = high
			out.Bounds = append(out.Bounds, int64(1)<<max(0, high-1))
			out.Counts = append(out.Counts, 0)
		}
		out.Counts[len(out.Counts)-1] += int64(n)
	}
	if out.Bounds[0] == 1 && lowestUsed(&h.buckets) == 0 {
		out.Bounds[0] = 0
	}
	return out
}

// lowest returns the least value of a bucket.
func lowest(i int) int64 {
	if i < 1<<(subBits+1) {
		return int64(i)
	}
	shift := i>>subBits - 1
	return int64(i-shift<<subBits) << shift
}

func lowestUsed(buckets *[histBuckets]uint32) int {
	for i, n := range buckets {
		if n > 0 {
			return i
		}
	}
	return 0
}
