package chart

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestTimeline compares with sums over every nanosecond of a short trace, whose
// steps are made short too.
func TestTimeline(t *testing.T) {
	const length = 40 * firstStep * MaxSteps / 7
	rnd := rand.New(rand.NewPCG(1, 2))
	var all, a, b Timeline
	var want float64
	for i := range 500 {
		from := rnd.Int64N(length)
		to := from + rnd.Int64N(length-from)
		n := rnd.Int64N(5) - 1
		all.Add(from, to, n)
		if i%2 == 0 {
			a.Add(from, to, n)
		} else {
			b.Add(from, to, n)
		}
		want += float64(n) * float64(to-from)
	}
	s := all.Level("", length)
	if len(s.Values) > MaxSteps || len(s.Values) < MaxSteps/2 {
		t.Errorf("%d steps", len(s.Values))
	}
	var sum float64
	for _, v := range all.sums {
		sum += float64(v)
	}
	if math.Abs(sum-want) > 1 {
		t.Errorf("sum %v, want %v", sum, want)
	}
	a.Merge(&b)
	a.Fit(length)
	if a.step != all.step || a.sums != all.sums {
		t.Error("two merged halves differ from the whole")
	}
}

func TestTimelineLevel(t *testing.T) {
	var line Timeline
	const end = 10*firstStep + firstStep/2
	line.Add(0, end, 2)
	line.Add(firstStep/2, 3*firstStep, 1)
	s := line.Level("level", end)
	want := []float64{2.5, 3, 3, 2, 2, 2, 2, 2, 2, 2, 2}
	if len(s.Values) != len(want) || s.StepNanos != firstStep {
		t.Fatalf("%+v", s)
	}
	for i, v := range want {
		if s.Values[i] != v {
			t.Errorf("step %d is %v, want %v", i, s.Values[i], v)
		}
	}
	if s := (&Timeline{}).Level("", end); len(s.Values) != len(want) || s.Values[3] != 0 {
		t.Errorf("empty: %+v", s)
	}
}

func TestBuckets(t *testing.T) {
	var h Histogram
	if got := h.Buckets(""); len(got.Bounds) != 0 {
		t.Errorf("empty: %+v", got)
	}
	for _, v := range []int64{0, 1, 5, 1000, 1023, 1024, 70_000, 70_001} {
		h.Add(v)
	}
	got := h.Buckets("")
	var sum int64
	for i, n := range got.Counts {
		sum += n
		if i > 0 && got.Bounds[i] <= got.Bounds[i-1] {
			t.Errorf("bounds %v", got.Bounds)
		}
	}
	if sum != 8 || got.Bounds[0] != 0 || got.Bounds[len(got.Bounds)-1] != 65536 || got.Counts[len(got.Counts)-1] != 2 || got.MaxNanos != 70_001 {
		t.Errorf("%+v", got)
	}
}
