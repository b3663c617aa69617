package inject

import "testing"

// TestHorde counts the goroutines that find no slot, each once.
func TestHorde(t *testing.T) {
	if testing.Short() {
		t.Skip("this takes much memory")
	}
	const slots = 1 << 17
	if got := play(t, "horde"); got.Unseen < 140_000-slots || got.Unseen > 140_000-slots+100 {
		t.Errorf("%d goroutines found no room", got.Unseen)
	}
}

// TestArrays takes the locks of large arrays: they go with the memory that they lie in.
func TestArrays(t *testing.T) {
	ids, addrs := make(map[uint64]bool), make(map[uint64]bool)
	got := play(t, "arrays")
	for _, d := range got.Dependencies {
		if ours(d.Stack) {
			ids[d.Lock.ID], addrs[d.Lock.Addr] = true, true
		}
	}
	if len(ids) != 26*5000 || len(addrs) > len(ids)*3/4 || got.Dropped != 0 {
		t.Errorf("%d locks at %d addresses, %d dropped", len(ids), len(addrs), got.Dropped)
	}
}
