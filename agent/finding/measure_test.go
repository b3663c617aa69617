package finding

import (
	"math"
	"testing"
	"time"
)

func TestMeasureText(t *testing.T) {
	for _, tt := range []struct {
		m    Measure
		want string
	}{
		{Duration("d", 0), "0 ns"},
		{Duration("d", 999), "999 ns"},
		{Duration("d", 1000), "1 µs"},
		{Duration("d", 1240*time.Microsecond), "1.24 ms"},
		{Duration("d", 999_499*time.Nanosecond), "999 µs"},
		{Duration("d", 999_600*time.Nanosecond), "1 ms"},
		{Duration("d", 12*time.Second), "12 s"},
		{Duration("d", 90*time.Second), "1m30s"},
		{Duration("d", -5*time.Millisecond), "-5 ms"},
		{Duration("d", 3*time.Hour+40*time.Millisecond), "3h0m0s"},
		{Number("n", 3), "3"},
		{Number("n", 1234567), "1234567"},
		{Share("s", 0), "0 %"},
		{Share("s", 0.004), "0.4 %"},
		{Share("s", 0.0994), "9.9 %"},
		{Share("s", 0.0996), "10 %"},
		{Share("s", 0.38), "38 %"},
		{Share("s", 1), "100 %"},
		{Share("s", math.NaN()), "0 %"},
		{Share("s", math.Inf(1)), "0 %"},
		{Measure{"b", 999, Bytes}, "999 B"},
		{Measure{"b", 3e6, Bytes}, "3 MB"},
		{Measure{"b", 5e15, Bytes}, "5e+03 TB"},
		{Measure{"r", 1500, PerSecond}, "1.5 k/s"},
		{Measure{"r", 12, PerSecond}, "12 /s"},
	} {
		if got := tt.m.Text(); got != tt.want {
			t.Errorf("%v %s: %q, want %q", tt.m.Value, tt.m.Unit, got, tt.want)
		}
	}
}
