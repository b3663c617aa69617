package tracefile

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestUvarint reads numbers of every length back, among others, and at a batch's end.
func TestUvarint(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var want []uint64
	for bit := range 64 {
		want = append(want, 1<<bit, 1<<bit-1, 1<<bit|rnd.Uint64N(1<<bit))
	}
	want = append(want, math.MaxUint64)
	for range 1000 {
		want = append(want, rnd.Uint64()>>rnd.IntN(64))
	}
	var data []byte
	for _, v := range want {
		data = binary.AppendUvarint(data, v)
	}
	c := cutter{data: append(data, make([]byte, slack)...), end: len(data)}
	for i, v := range want {
		if more, err := c.more(); !more || err != nil {
			t.Fatalf("before number %d: %v, %v", i, more, err)
		}
		if got := c.uvarint(); got != v {
			t.Fatalf("number %d: %#x, want %#x", i, got, v)
		}
	}
	if more, err := c.more(); more || err != nil {
		t.Errorf("at the end: %v, %v", more, err)
	}
}

// TestUvarintDamage: what runs over its batch, or is too long, is an error.
func TestUvarintDamage(t *testing.T) {
	for _, data := range [][]byte{
		{0x80}, {0xff, 0xff, 0xff}, slices.Repeat([]byte{0x80}, 9), slices.Repeat([]byte{0xff}, 40),
		append(slices.Repeat([]byte{0xff}, 9), 2), // 65 bits
	} {
		c := cutter{data: append(slices.Clone(data), make([]byte, slack)...), end: len(data)}
		c.uvarint()
		if _, err := c.more(); err == nil {
			t.Errorf("% x: no error, at %d of %d", data, c.pos, c.end)
		}
	}
}

// TestTable drives a table and a map with the same ids, near and far.
func TestTable(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var tab table[uint64]
	for range 3 { // generations
		tab.reset()
		want := make(map[uint64]uint64)
		for range 20_000 {
			id := 1 + rnd.Uint64N(40_000)
			if rnd.IntN(4) == 0 {
				id = 1 + rnd.Uint64()>>rnd.IntN(63)
			}
			v := rnd.Uint64()
			_, old := want[id]
			if err := tab.put("thing", id, v); (err != nil) != old {
				t.Fatalf("id %d, there before: %v, error %v", id, old, err)
			}
			if !old {
				want[id] = v
			}
			probe := rnd.Uint64N(45_000)
			have := tab.get(probe)
			if v, ok := want[probe]; ok != (have != nil) || ok && *have != v {
				t.Fatalf("id %d: have %v, want %d, %v", probe, have, v, ok)
			}
		}
		for id, v := range want {
			if have := tab.get(id); have == nil || *have != v {
				t.Fatalf("id %d: have %v, want %d", id, have, v)
			}
		}
	}
	if err := tab.put("thing", 0, 1); err == nil {
		t.Error("id 0 is taken")
	}
	if len(tab.index) > 4*20_000+2*denseIDs {
		t.Errorf("an index of %d for 20000 entries", len(tab.index))
	}
}

// TestFrontier moves threads at random and holds the heap's order and membership.
func TestFrontier(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var f frontier
	var live []*thread
	for range 20_000 {
		switch n := len(f); {
		case n < 2 || n < 30 && rnd.IntN(3) == 0:
			m := &thread{time: rnd.Int64N(1000)}
			live = append(live, m)
			f.push(m)
		case rnd.IntN(4) == 0:
			i := rnd.IntN(n)
			at := slices.Index(live, f[i].m)
			live = slices.Delete(live, at, at+1)
			f.remove(i)
		default:
			i := rnd.IntN(n)
			f[i].m.time += rnd.Int64N(100)
			f.fix(i)
		}
		second := int64(forever)
		for i, e := range f {
			if i > 0 {
				second = min(second, e.time)
				if f[(i-1)/2].time > e.time {
					t.Fatalf("place %d is earlier than the one above it", i)
				}
			}
			if e.time != e.m.time || !slices.Contains(live, e.m) {
				t.Fatalf("place %d has time %d of %d", i, e.time, e.m.time)
			}
		}
		if len(f) != len(live) || f.second() != second {
			t.Fatalf("%d of %d threads, second at %d, want %d", len(f), len(live), f.second(), second)
		}
	}
}
