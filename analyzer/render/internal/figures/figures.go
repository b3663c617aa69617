// Package figures writes numbers for people, alike in every form of a report.
// Durations, shares and measures are written by package finding.
package figures

import (
	"math"
	"strconv"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Thousands groups digits: 1204311 becomes 1,204,311.
func Thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

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

// Plural is "1 wait", "1,200 waits".
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Thousands(n) + " " + noun + "s"
}

// Span writes a duration in nanoseconds.
func Span(nanos int64) string { return finding.FormatDuration(time.Duration(nanos)) }

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
