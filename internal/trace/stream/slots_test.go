package stream

import (
	"math/rand/v2"
	"testing"
)

// TestSlotsAgainstMap drives the table and a Go map with the same random calls.
func TestSlotsAgainstMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var s Slots
	want := map[uint64]GID{}
	used := map[GID]bool{}
	var ids []uint64
	peak := 0
	for step := range 200_000 {
		if rnd.IntN(100) < 52 || len(ids) == 0 {
			id := 1 + rnd.Uint64N(1<<14)
			if rnd.IntN(8) == 0 {
				id <<= 40
			}
			if want[id] != 0 {
				continue
			}
			g := s.Take(id)
			if g == 0 || used[g] {
				t.Fatalf("step %d: slot %d given twice", step, g)
			}
			want[id], used[g] = g, true
			ids = append(ids, id)
			peak = max(peak, len(ids))
		} else {
			i := rnd.IntN(len(ids))
			id := ids[i]
			ids[i] = ids[len(ids)-1]
			ids = ids[:len(ids)-1]
			delete(used, want[id])
			delete(want, id)
			s.Drop(id)
			s.Drop(id) // twice does nothing
		}
		probe := 1 + rnd.Uint64N(1<<14)
		if got := s.Lookup(probe); got != want[probe] {
			t.Fatalf("step %d: Lookup(%d) = %d, want %d", step, probe, got, want[probe])
		}
	}
	for id, g := range want {
		if got := s.Lookup(id); got != g {
			t.Errorf("Lookup(%d) = %d, want %d", id, got, g)
		}
	}
	if int(s.next) != peak {
		t.Errorf("%d slots for at most %d goroutines at a time", s.next, peak)
	}
}

func TestSlotsZero(t *testing.T) {
	var s Slots
	s.Drop(7)
	if g := s.Lookup(7); g != 0 {
		t.Errorf("Lookup in an empty table = %d", g)
	}
}
