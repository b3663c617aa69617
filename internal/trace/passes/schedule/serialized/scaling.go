package serialized

import (
	"math"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const (
	// maxLevel bounds the levels that are distinguished.
	maxLevel = 64
	// levelShare of the time makes a level count, and fewLevels make a curve.
	levelShare = 0.02
	fewLevels  = 3
)

// level is the time in which so many goroutines wanted to run, and what ran in it.
type level struct{ nanos, ran int64 }

// scaling is the Universal Scalability Law (Gunther: Guerrilla Capacity Planning, 2007)
// fitted to a run: with n goroutines that want to run, n / (1 + σ(n−1) + κn(n−1)) do.
// σ is what they do one at a time, κ what they spend on one another.
type scaling struct{ sigma, kappa float64 }

// fit fits the law by least squares, levels weighted with their time. It fails if too
// few levels were there for long enough; those beyond the processors are left out,
// since there the processors are the limit.
func fit(levels []level, procs int) (scaling, bool) {
	var total int64
	for _, l := range levels {
		total += l.nanos
	}
	var aa, ab, bb, ay, by float64 // sums of the normal equations
	used := 0
	for n := 1; n < len(levels) && n <= procs; n++ {
		l := levels[n]
		if l.ran == 0 || finding.Fraction(l.nanos, total) < levelShare {
			continue
		}
		used++
		weight := finding.Fraction(l.nanos, total)
		a, b := float64(n-1), float64(n)*float64(n-1)
		y := float64(n)/finding.Fraction(l.ran, l.nanos) - 1
		aa += weight * a * a
		ab += weight * a * b
		bb += weight * b * b
		ay += weight * a * y
		by += weight * b * y
	}
	det := aa*bb - ab*ab
	if used < fewLevels || det <= 0 {
		return scaling{}, false
	}
	s := scaling{sigma: (ay*bb - by*ab) / det, kappa: (aa*by - ab*ay) / det}
	if s.kappa < 0 {
		s = scaling{sigma: ay / aa}
	}
	s.sigma = min(max(s.sigma, 0), 1)
	return s, true
}

// peak returns the number of goroutines from which more run less, 0 if there is none.
func (s scaling) peak() float64 {
	if s.kappa <= 0 {
		return 0
	}
	return math.Sqrt((1 - s.sigma) / s.kappa)
}

func (s scaling) measures() []finding.Measure {
	m := []finding.Measure{finding.Share("one at a time (USL σ)", s.sigma)}
	if s.sigma > 0 {
		m = append(m, finding.Rounded("ceiling of goroutines that run (1/σ)", 1/s.sigma))
	}
	if peak := s.peak(); peak >= 1 {
		m = append(m, finding.Share("on one another (USL κ)", s.kappa), finding.Rounded("most run with", peak))
	}
	return m
}
