package serialized

import (
	"math"
	"testing"
)

// TestFit gives levels that follow the law.
func TestFit(t *testing.T) {
	for _, tt := range []struct {
		sigma, kappa float64
		levels       []int
		procs        int
		ok           bool
	}{
		{1, 0, []int{1, 2, 3, 4}, 8, true},
		{0.1, 0, []int{1, 2, 4, 8}, 8, true},
		{0.05, 0.01, []int{1, 2, 3, 5, 8, 13}, 16, true},
		{0, 0, []int{1, 2, 3}, 4, true},
		{0.5, 0, []int{1, 2}, 8, false},
		{0.5, 0, []int{1, 2, 3, 4}, 2, false}, // beyond the processors
	} {
		levels := make([]level, maxLevel+1)
		for i, n := range tt.levels {
			running := float64(n) / (1 + tt.sigma*float64(n-1) + tt.kappa*float64(n)*float64(n-1))
			nanos := int64(1e9 * (i + 1))
			levels[n] = level{nanos, int64(running * float64(nanos))}
		}
		s, ok := fit(levels, tt.procs)
		if ok != tt.ok {
			t.Errorf("%+v: fitted %v", tt, ok)
			continue
		}
		if ok && (math.Abs(s.sigma-tt.sigma) > 0.001 || math.Abs(s.kappa-tt.kappa) > 0.001) {
			t.Errorf("%+v: fitted %+v", tt, s)
		}
		if peak := s.peak(); tt.kappa > 0 && math.Abs(peak-math.Sqrt((1-tt.sigma)/tt.kappa)) > 0.1 {
			t.Errorf("%+v: peak %v", tt, peak)
		}
	}
}
