package finding

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Unit is the unit of a Measure.
type Unit string

// The units. Durations are nanoseconds, shares are ratios from 0 to 1.
const (
	Nanos     Unit = "ns"
	Bytes     Unit = "bytes"
	Count     Unit = "count"
	Ratio     Unit = "ratio"
	PerSecond Unit = "per_second"
)

// Measure is a measured value with its unit.
type Measure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  Unit    `json:"unit"`
}

// Duration is a Measure in nanoseconds.
func Duration[D ~int | ~int64](name string, d D) Measure {
	return Measure{Name: name, Value: float64(d), Unit: Nanos}
}

// Number is a Measure that counts.
func Number[T ~int | ~int64 | ~uint64](name string, n T) Measure {
	return Measure{Name: name, Value: float64(n), Unit: Count}
}

// Share is a Measure from 0 to 1. A value that is not a number becomes 0, since
// JSON has no word for it.
func Share(name string, v float64) Measure {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	return Measure{Name: name, Value: v, Unit: Ratio}
}

// Fraction is a part of a whole as a ratio, 0 of a whole that is not positive.
func Fraction[N ~int | ~int64](part, whole N) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Rounded is a Measure without a unit that is given with two decimals: a factor, a level.
func Rounded(name string, v float64) Measure {
	return Measure{Name: name, Value: math.Round(v*100) / 100, Unit: Count}
}

// Text formats the value for people: "1.24 ms", "38 %", "3 MB".
func (m Measure) Text() string {
	switch m.Unit {
	case Nanos:
		return FormatDuration(time.Duration(m.Value))
	case Ratio:
		return FormatShare(m.Value)
	case Bytes:
		return formatScaled(m.Value, "B", "kB", "MB", "GB", "TB")
	case PerSecond:
		return formatScaled(m.Value, "/s", "k/s", "M/s", "G/s")
	}
	return strconv.FormatFloat(m.Value, 'f', -1, 64)
}

// FormatDuration writes nanoseconds with three significant digits: "1.24 ms".
func FormatDuration[D ~int | ~int64](d D) string {
	v := float64(d)
	if math.Abs(v) >= float64(time.Minute) {
		return time.Duration(d).Round(100 * time.Millisecond).String()
	}
	return formatScaled(v, "ns", "µs", "ms", "s")
}

// FormatShare writes a ratio as a percentage: "38 %", "0.4 %".
func FormatShare(ratio float64) string {
	percent := ratio * 100
	if percent != 0 && math.Abs(percent) < 9.95 {
		return fmt.Sprintf("%.1f %%", percent)
	}
	return fmt.Sprintf("%.0f %%", percent)
}

// formatScaled divides v by thousands until it fits a unit.
func formatScaled(v float64, units ...string) string {
	i := 0
	for math.Abs(v) >= 999.5 && i < len(units)-1 {
		v /= 1000
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%.0f %s", v, units[0])
	}
	return fmt.Sprintf("%s %s", strconv.FormatFloat(v, 'g', 3, 64), units[i])
}
