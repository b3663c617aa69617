package clock

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// reference is a clock as a map.
type reference map[uint64]uint64

func join(a, b reference) reference {
	all := maps.Clone(a)
	for g, tick := range b {
		all[g] = max(all[g], tick)
	}
	if len(all) <= MaxGoroutines {
		return all
	}
	first := slices.Min(slices.Collect(maps.Keys(all)))
	var ticks []uint64
	for g, tick := range all {
		if g != first {
			ticks = append(ticks, tick)
		}
	}
	slices.Sort(ticks)
	limit := ticks[len(all)-MaxGoroutines+spare-1]
	maps.DeleteFunc(all, func(g, tick uint64) bool { return g != first && tick <= limit })
	return all
}

func includes(a, b reference) bool {
	for g, tick := range b {
		if a[g] < tick {
			return false
		}
	}
	return true
}

// check tells what is wrong with the trie itself.
func check(t *testing.T, c *Clock) {
	t.Helper()
	switch {
	case c == nil:
	case c.isLeaf():
		if c.key == 0 || c.tick == 0 || c.count != 1 || c.left != nil || c.right != nil {
			t.Fatalf("bad leaf %+v", *c)
		}
	default:
		if c.left == nil || c.right == nil {
			t.Fatalf("branch with one child %+v", *c)
		}
		if !c.covers(c.left) || !c.covers(c.right) || c.left.key&c.bit != 0 || c.right.key&c.bit == 0 {
			t.Fatalf("branch %x/%x over %x and %x", c.key, c.bit, c.left.key, c.right.key)
		}
		if c.count != c.left.count+c.right.count || c.tick != min(c.left.tick, c.right.tick) {
			t.Fatalf("branch counts %d of %d and %d", c.count, c.left.count, c.right.count)
		}
		check(t, c.left)
		check(t, c.right)
	}
}

func mustEqual(t *testing.T, c *Clock, ref reference) {
	t.Helper()
	check(t, c)
	got := make(reference)
	last := uint64(0)
	for e := range c.All() {
		if e.Goroutine <= last {
			t.Fatalf("goroutine %d after %d", e.Goroutine, last)
		}
		last = e.Goroutine
		got[e.Goroutine] = e.Tick
		if c.At(e.Goroutine) != e.Tick {
			t.Fatalf("At(%d) = %d, want %d", e.Goroutine, c.At(e.Goroutine), e.Tick)
		}
	}
	if !maps.Equal(got, ref) || c.Len() != len(ref) {
		t.Fatalf("clock knows %v (%d), want %v", got, c.Len(), ref)
	}
}

const clocks = 4

// run plays a script on a few clocks and on their references: three bytes a step.
func run(t *testing.T, script []byte) {
	var c [clocks]*Clock
	var ref [clocks]reference
	for i := range ref {
		ref[i] = reference{}
	}
	for ; len(script) >= 3; script = script[3:] {
		i, j := script[0]%clocks, script[1]%clocks
		if script[0] < 128 {
			// Goroutines that differ in high and in low bits.
			e := Epoch{uint64(script[1]) + 1 + uint64(script[2]%8)<<61, uint64(script[2]) + 1}
			c[i], ref[i] = c[i].With(e), join(ref[i], reference{e.Goroutine: e.Tick})
		} else {
			c[i], ref[i] = Join(c[i], c[j]), join(ref[i], ref[j])
		}
		mustEqual(t, c[i], ref[i])
		for k := range c {
			if got, want := c[i].Includes(c[k]), includes(ref[i], ref[k]); got != want {
				t.Fatalf("%v includes %v: %v, want %v", ref[i], ref[k], got, want)
			}
			if got, want := c[k].Includes(c[i]), includes(ref[k], ref[i]); got != want {
				t.Fatalf("%v includes %v: %v, want %v", ref[k], ref[i], got, want)
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

// TestFullClock fills a clock far beyond its bound: the newest stay, and the first.
func TestFullClock(t *testing.T) {
	var c *Clock
	for i := range uint64(10000) {
		c = c.With(Epoch{Goroutine: i + 1, Tick: i + 1})
		check(t, c)
	}
	if n := c.Len(); n > MaxGoroutines || n < MaxGoroutines-spare || !c.Knows(Epoch{1, 1}) || c.Knows(Epoch{2, 2}) || !c.Knows(Epoch{10000, 10000}) {
		t.Errorf("a full clock of %d knows %v", c.Len(), slices.Collect(c.All()))
	}
	var other *Clock
	for i := range uint64(MaxGoroutines) {
		other = other.With(Epoch{Goroutine: 20000 + i, Tick: 20000 + i})
	}
	both := Join(c, other)
	check(t, both)
	if n := both.Len(); n > MaxGoroutines || n < MaxGoroutines-spare || !both.Knows(Epoch{1, 1}) || both.Knows(Epoch{10000, 10000}) {
		t.Errorf("two full clocks joined know %d", both.Len())
	}
}

// TestSharing: what is passed on and joined again and again costs no memory.
func TestSharing(t *testing.T) {
	var base *Clock
	for i := range uint64(200) {
		base = base.With(Epoch{Goroutine: 7*i + 7, Tick: i + 1})
	}
	equal := (*Clock)(nil)
	for e := range base.All() {
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
