package chart

import "github.com/concdoctor/concdoctor/agent/finding"

// Points counts things that happen at one moment each and have a length, such as the
// iterations of a loop, by step: how many there were, and the greatest. Its steps are
// those of a [Timeline]. The zero value is empty.
type Points struct {
	step     int64
	counts   [MaxSteps]int64
	greatest [MaxSteps]int64
}

// Add counts one at the time, in nanoseconds since the trace's start.
func (p *Points) Add(at, length int64) {
	p.Fit(at + 1)
	i := at / p.step
	p.counts[i]++
	p.greatest[i] = max(p.greatest[i], length)
}

// Fit makes the steps those of a trace of the length.
func (p *Points) Fit(length int64) {
	p.step = max(p.step, firstStep)
	for length > p.step*MaxSteps {
		p.double()
	}
}

func (p *Points) double() {
	for i := range MaxSteps / 2 {
		p.counts[i] = p.counts[2*i] + p.counts[2*i+1]
		p.greatest[i] = max(p.greatest[2*i], p.greatest[2*i+1])
	}
	clear(p.counts[MaxSteps/2:])
	clear(p.greatest[MaxSteps/2:])
	p.step *= 2
}

// Counts returns how many there were in each step of a trace of the length.
func (p *Points) Counts(name string, length int64) finding.Series {
	p.Fit(length)
	return finding.Series{Name: name, Unit: finding.Count, StepNanos: p.step, Values: p.values(&p.counts, length)}
}

// Greatest returns the greatest of each step, in nanoseconds.
func (p *Points) Greatest(name string, length int64) finding.Series {
	p.Fit(length)
	return finding.Series{Name: name, Unit: finding.Nanos, StepNanos: p.step, Values: p.values(&p.greatest, length)}
}

func (p *Points) values(of *[MaxSteps]int64, length int64) (all []float64) {
	for from := int64(0); from < length; from += p.step {
		all = append(all, float64(of[from/p.step]))
	}
	return all
}
