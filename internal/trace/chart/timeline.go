package chart

import "github.com/concdoctor/concdoctor/agent/finding"

const (
	// MaxSteps bounds a timeline: a line of text has about a hundred columns, a
	// picture a thousand pixels.
	MaxSteps = 256
	// firstStep makes the shortest trace worth a picture, 25 ms, fill the timeline.
	firstStep = 100_000
)

// Timeline is a quantity over time, kept as its integral in each step.
type Timeline struct {
	step int64
	sums [MaxSteps]int64
	// from and to are the bounds of the step that at is, the one last added to: the next
	// is mostly in it, and finding it takes divisions.
	from, to int64
	at       int
}

// Add says that the quantity was higher by n from one time to the other, in
// nanoseconds since the trace's start.
func (t *Timeline) Add(from, to, n int64) {
	if t.from <= from && from < to && to <= t.to {
		t.sums[t.at] += n * (to - from)
		return
	}
	if to > from {
		t.add(from, to, n)
	}
}

func (t *Timeline) add(from, to, n int64) {
	if t.step == 0 {
		t.step = firstStep
	}
	for to > t.step*MaxSteps {
		t.double()
	}
	first, last := from/t.step, (to-1)/t.step
	t.at, t.from, t.to = int(last), last*t.step, (last+1)*t.step
	if first == last {
		t.sums[first] += n * (to - from)
		return
	}
	t.sums[first] += n * ((first+1)*t.step - from)
	for i := first + 1; i < last; i++ {
		t.sums[i] += n * t.step
	}
	t.sums[last] += n * (to - last*t.step)
}

func (t *Timeline) double() {
	for i := range MaxSteps / 2 {
		t.sums[i] = t.sums[2*i] + t.sums[2*i+1]
	}
	clear(t.sums[MaxSteps/2:])
	t.step *= 2
	t.from, t.to = 0, 0
}

// Merge adds what o has counted.
func (t *Timeline) Merge(o *Timeline) {
	if o.step == 0 {
		return
	}
	for i, sum := range o.copyTo(t) {
		t.sums[i] += sum
	}
}

// copyTo returns o's sums in t's steps, making both steps the larger one.
func (o *Timeline) copyTo(t *Timeline) [MaxSteps]int64 {
	t.step = max(t.step, firstStep)
	for t.step < o.step {
		t.double()
	}
	same := *o
	for same.step < t.step {
		same.double()
	}
	return same.sums
}

// Fit makes the steps those of a trace of the length, so that timelines of one trace
// have the same.
func (t *Timeline) Fit(length int64) {
	t.step = max(t.step, firstStep)
	for length > t.step*MaxSteps {
		t.double()
	}
}

// Level returns the mean of each step of a trace of the length.
func (t *Timeline) Level(name string, length int64) finding.Series {
	t.Fit(length)
	s := finding.Series{Name: name, Unit: finding.Count, StepNanos: t.step}
	for from := int64(0); from < length; from += t.step {
		covered := min(t.step, length-from)
		s.Values = append(s.Values, round(float64(t.sums[from/t.step])/float64(covered)))
	}
	return s
}

// round keeps three decimals: what a picture shows, in few bytes.
func round(v float64) float64 { return float64(int64(v*1000+0.5)) / 1000 }
