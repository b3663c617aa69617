package ticks

import (
	"math"
	"testing"
	"time"
)

// TestRateAgreesWithTheClock measures one interval with both clocks. The interval
// of the clock encloses or is enclosed by that of the counter, so the comparison
// holds on any machine.
func TestRateAgreesWithTheClock(t *testing.T) {
	outer := time.Now()
	first := Now()
	inner := time.Now()
	for time.Since(inner) < 20*time.Millisecond {
	}
	least := time.Since(inner)
	last := Now()
	most := time.Since(outer)
	got := time.Duration(Nanos(Between(first, last), Rate()))
	const slack = 100 // parts: the rate is measured over a short life here
	if got < least-least/slack || got > most+most/slack {
		t.Errorf("measured %v, the clock says between %v and %v", got, least, most)
	}
}

func TestBetweenIsNeverNegative(t *testing.T) {
	if got := Between(5, 3); got != 0 {
		t.Errorf("Between(5, 3) = %d", got)
	}
	if got := Between(3, 5); got != 2 {
		t.Errorf("Between(3, 5) = %d", got)
	}
}

func TestNanosSaturates(t *testing.T) {
	if got := Nanos(math.MaxUint64, 10); got != math.MaxInt64 {
		t.Errorf("Nanos = %d", got)
	}
	if got := Nanos(30, 0.5); got != 15 {
		t.Errorf("Nanos(30, 0.5) = %d", got)
	}
}

func TestNowIsNeverZero(t *testing.T) {
	if Now() == 0 {
		t.Error("Now() = 0, which stands for no reading")
	}
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		Now()
	}
}

func BenchmarkSince(b *testing.B) {
	base := time.Now()
	for b.Loop() {
		time.Since(base)
	}
}
