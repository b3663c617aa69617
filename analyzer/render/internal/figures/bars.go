package figures

import "github.com/concdoctor/concdoctor/agent/finding"

// Bar is a range of durations and how often they were seen.
type Bar struct{ From, To, Count int64 }

// Bars joins neighbouring buckets of the histogram until there are at most so many,
// and leaves out empty ones at both ends. A histogram that makes no sense, as one from
// elsewhere may, has no bars.
func Bars(h finding.Histogram, atMost int) []Bar {
	var bars []Bar
	for i, from := range h.Bounds {
		to := h.MaxNanos
		if i+1 < len(h.Bounds) {
			to = h.Bounds[i+1]
		}
		if i >= len(h.Counts) || h.Counts[i] < 0 || to < from {
			return nil
		}
		if h.Counts[i] > 0 || len(bars) > 0 {
			bars = append(bars, Bar{from, to, h.Counts[i]})
		}
	}
	for len(bars) > 0 && bars[len(bars)-1].Count == 0 {
		bars = bars[:len(bars)-1]
	}
	each := (len(bars) + atMost - 1) / atMost
	var joined []Bar
	for i, b := range bars {
		if i%each == 0 {
			joined = append(joined, b)
			continue
		}
		last := &joined[len(joined)-1]
		last.To, last.Count = b.To, last.Count+b.Count
	}
	return joined
}
