package clock

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// reference is a clock as a map.
type reference struct {
	floor  uint64
	epochs map[uint64]uint64
}

func join(a, b reference) reference {
	all := reference{max(a.floor, b.floor), maps.Clone(a.epochs)}
	if all.epochs == nil {
		all.epochs = make(map[uint64]uint64)
	}
	for g, tick := range b.epochs {
		all.epochs[g] = max(all.epochs[g], tick)
	}
	isOld := func(_, tick uint64) bool { return tick <= all.floor }
	maps.DeleteFunc(all.epochs, isOld)
	if len(all.epochs) > MaxGoroutines {
		ticks := slices.Sorted(maps.Values(all.epochs))
		all.floor = ticks[len(ticks)-MaxGoroutines+spare-1]
		maps.DeleteFunc(all.epochs, isOld)
	}
	return all
}

func (r reference) knows(e Epoch) bool { return e.Tick <= r.floor || r.epochs[e.Goroutine] >= e.Tick }

func includes(a, b reference) bool {
	for g, tick := range b.epochs {
		if !a.knows(Epoch{g, tick}) {
			return false
		}
	}
	return a.floor >= b.floor
}

func mustEqual(t *testing.T, c *Clock, ref reference) {
	t.Helper()
	got := reference{epochs: make(map[uint64]uint64)}
	if c != nil {
		got.floor = c.floor
		last := uint64(0)
		for _, e := range c.epochs {
			if e.Goroutine <= last || e.Tick <= c.floor {
				t.Fatalf("epoch %v after goroutine %d, floor %d", e, last, c.floor)
			}
			last = e.Goroutine
			got.epochs[e.Goroutine] = e.Tick
		}
	}
	if got.floor != ref.floor || !maps.Equal(got.epochs, ref.epochs) || c.Len() != len(ref.epochs) {
		t.Fatalf("clock knows %v, want %v", got, ref)
	}
}

const clocks = 4

// run plays a script on a few clocks and on their references: three bytes a step.
func run(t *testing.T, script []byte) {
	var c [clocks]*Clock
	var ref [clocks]reference
	for ; len(script) >= 3; script = script[3:] {
		i, j := script[0]%clocks, script[1]%clocks
		if script[0] < 128 {
			// Goroutines that differ in high and in low bits.
			e := Epoch{uint64(script[1]) + 1 + uint64(script[2]%8)<<61, uint64(script[2]) + 1}
			if !ref[i].knows(e) {
				ref[i] = join(ref[i], reference{epochs: map[uint64]uint64{e.Goroutine: e.Tick}})
			}
			c[i] = c[i].With(e)
		} else {
			if !includes(ref[i], ref[j]) {
				ref[i] = join(ref[i], ref[j])
			}
			c[i] = Join(c[i], c[j])
		}
		mustEqual(t, c[i], ref[i])
		for k := range c {
			if got, want := c[i].Includes(c[k]), includes(ref[i], ref[k]); got != want {
				t.Fatalf("%v includes %v: %v, want %v", ref[i], ref[k], got, want)
			}
			if got, want := c[k].Includes(c[i]), includes(ref[k], ref[i]); got != want {
				t.Fatalf("%v includes %v: %v, want %v", ref[k], ref[i], got, want)
			}
			for g, tick := range ref[k].epochs {
				for _, e := range []Epoch{{g, tick}, {g, tick + 1}} {
					if got, want := c[i].Knows(e), ref[i].knows(e); got != want {
						t.Fatalf("%v knows %v: %v, want %v", ref[i], e, got, want)
					}
				}
			}
		}
	}
}

func FuzzClock(f *testing.F) {
	f.Add([]byte{0, 1, 1, 1, 2, 2, 128, 1, 0, 129, 0, 0})
	f.Add([]byte{0, 1, 1, 0, 2, 9, 0, 3, 17, 1, 1, 2, 200, 1, 0})
	f.Fuzz(run)
}

// TestRandomAgainstReference draws scripts that are long enough to fill clocks.
func TestRandomAgainstReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		script := make([]byte, 3*600)
		for i := range script {
			script[i] = byte(rng.IntN(256))
		}
		run(t, script)
	}
}

// TestNeverConcurrent: events that are ordered never count as concurrent, however many there
// are. A few goroutines pass messages at random; each keeps all that it knows in a set.
func TestNeverConcurrent(t *testing.T) {
	type known = map[Epoch]bool
	rng := rand.New(rand.NewPCG(3, 4))
	const goroutines = 300
	var c [goroutines]*Clock
	var ref [goroutines]known
	for tick := range uint64(20000) {
		g, from := rng.IntN(goroutines), rng.IntN(goroutines)
		if ref[g] == nil || rng.IntN(50) == 0 { // another goroutine takes its place
			c[g], ref[g] = nil, known{}
		}
		c[g] = Join(c[g], c[from])
		maps.Copy(ref[g], ref[from])
		for e := range ref[g] {
			if !c[g].Knows(e) {
				t.Fatalf("event %v is not known after a message", e)
			}
		}
		if len(ref[g]) > 4*MaxGoroutines {
			c[g], ref[g] = nil, known{}
		}
		e := Epoch{uint64(g) + 1, tick + 1}
		c[g] = c[g].With(e)
		ref[g][e] = true
	}
}

// TestFullClock fills a clock far beyond its bound: the newest stay, and older ones count as
// known, also those that never were.
func TestFullClock(t *testing.T) {
	var c *Clock
	for i := range uint64(10000) {
		c = c.With(Epoch{Goroutine: i + 1, Tick: i + 1})
	}
	if n := c.Len(); n > MaxGoroutines || n < MaxGoroutines-spare || !c.Knows(Epoch{1, 1}) || !c.Knows(Epoch{50000, 2}) || !c.Knows(Epoch{10000, 10000}) {
		t.Errorf("a full clock of %d knows %v", c.Len(), *c)
	}
	if c.Knows(Epoch{50000, 9990}) || c.Knows(Epoch{10000, 10001}) {
		t.Errorf("a full clock knows what is new: %v", *c)
	}
}

// TestSharing: what is passed on and joined again and again costs no memory.
func TestSharing(t *testing.T) {
	var base *Clock
	for i := range uint64(200) {
		base = base.With(Epoch{Goroutine: 7*i + 7, Tick: i + 1})
	}
	equal := &Clock{floor: base.floor}
	for _, e := range base.epochs {
		equal = equal.With(e)
	}
	more := base.With(Epoch{Goroutine: 1, Tick: 500})
	for name, f := range map[string]func() bool{
		"itself":       func() bool { return Join(base, base) == base },
		"an equal one": func() bool { return Join(base, equal) == base },
		"nothing":      func() bool { return Join(base, nil) == base && Join(nil, base) == base },
		"less":         func() bool { return Join(more, base) == more && Join(more, equal) == more },
		"more":         func() bool { return Join(base, more) == more && Join(equal, more) == more },
		"known epoch":  func() bool { return base.With(Epoch{Goroutine: 7, Tick: 1}) == base },
	} {
		if !f() {
			t.Errorf("%s: a new clock", name)
		}
		if n := testing.AllocsPerRun(100, func() { f() }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkJoin(b *testing.B) {
	var base *Clock
	for i := range uint64(MaxGoroutines - 2) {
		base = base.With(Epoch{Goroutine: i + 1, Tick: i + 1})
	}
	left, right := base.With(Epoch{1000, 1000}), base.With(Epoch{1001, 1001})
	both := Join(left, right)
	for _, bm := range []struct {
		name string
		a, b *Clock
	}{{"same", base, base}, {"less", both, left}, {"different", left, right}} {
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Join(bm.a, bm.b)
			}
		})
	}
}
