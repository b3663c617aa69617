package ticks

import (
	"math"
	"sync/atomic"
	"time"
)

// origin is one moment in both clocks.
var origin = struct {
	at    time.Time
	ticks uint64
}{time.Now(), Now()}

// Between returns how many ticks passed from start to end, 0 if end is the earlier
// one.
func Between(start, end uint64) uint64 {
	if end < start {
		return 0
	}
	return end - start
}

// settled is the rate from the moment on in which it was exact enough: two
// conversions of one value must agree, or counters made of them would run backwards.
var settled atomic.Uint64 // math.Float64bits

// lasting is the age from which on the rate stays.
const lasting = time.Second

// enough is how long the clocks are compared at least: their readings are some ten
// nanoseconds apart.
const enough = 100 * time.Microsecond

// Rate returns the length of a tick in nanoseconds. It gets more exact during the
// first second of the process and stays from then on; in the first moments Rate waits for some
// microseconds.
func Rate() float64 {
	if bits := settled.Load(); bits != 0 {
		return math.Float64frombits(bits)
	}
	for {
		nanos, ticks := time.Since(origin.at), Between(origin.ticks, Now())
		switch {
		case nanos >= lasting && ticks > 0:
			settled.CompareAndSwap(0, math.Float64bits(float64(nanos)/float64(ticks)))
			return math.Float64frombits(settled.Load())
		case nanos >= enough && ticks > 0:
			return float64(nanos) / float64(ticks)
		case nanos > time.Second:
			return 1 // the counter stands still and shows no time
		}
	}
}

// Nanos converts ticks by a rate.
func Nanos(ticks uint64, rate float64) int64 {
	n := float64(ticks) * rate
	if n >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(n)
}
