package figures

import (
	"math"
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestFigures(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{Mean(0), "0.00"}, {Mean(0.034), "0.03"}, {Mean(1.34), "1.3"}, {Mean(9.96), "10"}, {Mean(41.25), "41"},
		{Amount(finding.Count, 1.34), "1.3"}, {Amount(finding.Nanos, 2e9), "2 s"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	if got := Greatest([]float64{1, 3, math.Inf(1), 2}); got != 3 {
		t.Errorf("greatest %v", got)
	}
	if got := Greatest([]float64{-1}); got != 0 {
		t.Errorf("greatest of less than nothing %v", got)
	}
}
