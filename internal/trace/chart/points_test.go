package chart

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPoints compares with a list of all points, in steps that have doubled.
func TestPoints(t *testing.T) {
	const length = 40 * firstStep * MaxSteps / 7
	rnd := rand.New(rand.NewPCG(1, 2))
	var p Points
	type point struct{ at, length int64 }
	var all []point
	for range 2000 {
		// No two of one moment: with the end of the trace last, they come in order.
		all = append(all, point{rnd.Int64N(length), rnd.Int64N(1000)})
	}
	slices.SortFunc(all, func(a, b point) int { return int(a.at - b.at) })
	for _, q := range all {
		p.Add(q.at, q.length)
	}
	counts, greatest := p.Counts("n", length), p.Greatest("most", length)
	var line Timeline
	line.Add(0, length, 1)
	if level := line.Level("", length); level.StepNanos != counts.StepNanos || len(level.Values) != len(counts.Values) || len(greatest.Values) != len(counts.Values) {
		t.Fatalf("%d steps of %d, %d of %d in a timeline", len(counts.Values), counts.StepNanos, len(level.Values), level.StepNanos)
	}
	for i := range counts.Values {
		var n, most float64
		for _, q := range all {
			if q.at/counts.StepNanos == int64(i) {
				n++
				most = max(most, float64(q.length))
			}
		}
		if counts.Values[i] != n || greatest.Values[i] != most {
			t.Errorf("step %d: %v, %v at most; want %v, %v", i, counts.Values[i], greatest.Values[i], n, most)
		}
	}
}

func TestNoPoints(t *testing.T) {
	var p Points
	if s := p.Counts("n", 0); len(s.Values) != 0 {
		t.Errorf("%v", s.Values)
	}
	if s := p.Greatest("n", 3*firstStep); len(s.Values) != 3 || slices.Max(s.Values) != 0 {
		t.Errorf("%v", s.Values)
	}
}
