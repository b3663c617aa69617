package figures

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func TestBars(t *testing.T) {
	many := finding.Histogram{MaxNanos: 20}
	for i := range int64(20) {
		many.Bounds, many.Counts = append(many.Bounds, i), append(many.Counts, 1)
	}
	for _, tt := range []struct {
		name string
		h    finding.Histogram
		want []Bar
	}{
		{"empty at both ends", finding.Histogram{Bounds: []int64{1, 2, 4, 8, 16}, Counts: []int64{0, 3, 0, 5, 0}, MaxNanos: 20}, []Bar{{2, 4, 3}, {4, 8, 0}, {8, 16, 5}}},
		{"joined", many, []Bar{{0, 3, 3}, {3, 6, 3}, {6, 9, 3}, {9, 12, 3}, {12, 15, 3}, {15, 18, 3}, {18, 20, 2}}},
		{"nothing", finding.Histogram{Bounds: []int64{1}, Counts: []int64{0}, MaxNanos: 2}, nil},
		{"bounds out of order", finding.Histogram{Bounds: []int64{5, 3}, Counts: []int64{1, 1}, MaxNanos: 9}, nil},
		{"too few counts", finding.Histogram{Bounds: []int64{1, 2}, Counts: []int64{1}, MaxNanos: 9}, nil},
		{"a negative count", finding.Histogram{Bounds: []int64{1}, Counts: []int64{-1}, MaxNanos: 9}, nil},
	} {
		if diff := cmp.Diff(tt.want, Bars(tt.h, 8)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
