// Package figures writes the numbers of charts and summaries, alike in every form of a
// report. Durations, shares and measures are written by package finding.
package figures

import (
	"math"
	"strconv"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Mean writes a mean with what digits it is good for.
func Mean(v float64) string {
	switch {
	case v < 0.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 9.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// Amount writes a quantity of a unit, a count as the mean that it may be.
func Amount(unit finding.Unit, v float64) string {
	if unit == finding.Count {
		return Mean(v)
	}
	return finding.Measure{Value: v, Unit: unit}.Text()
}

// Greatest returns the greatest value, 0 if none is greater. What is no finite number
// counts as nothing.
func Greatest(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		if !math.IsInf(v, 0) {
			most = max(most, v)
		}
	}
	return most
}
