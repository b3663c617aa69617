package detect

import "slices"

// maxReadings is how often a goroutine is read that acquires and releases locks meanwhile:
// a reading takes some nanoseconds.
const maxReadings = 16

// readRunning reads what g holds while g may run. It returns false if g holds nothing, or
// changes its holds all the time. Nothing keeps g from that, so a reading counts only if it
// is consistent: two readings are equal, and their hash is that of g before and after.
//
//go:norace
func (g *Goroutine) readRunning() (s reading, ok bool) {
	for range maxReadings {
		id, n, hash, seed, table := g.identity(), g.n, g.hash, g.seed, g.table.Load()
		if n <= 0 || table == nil {
			return s, false
		}
		if id == 0 || n > len(table.locks) {
			continue // it enters or leaves the engine, or grows its list
		}
		first, second := copyHolds(table, n), copyHolds(table, n)
		recordsSeen()
		if slices.Equal(first, second) && isSequence(first, seed, hash) &&
			g.n == n && g.hash == hash && g.identity() == id && g.table.Load() == table {
			return reading{g: g, id: id, creator: g.creator, parent: g.parent, holds: first}, true
		}
	}
	return s, false
}

//go:norace
func copyHolds(table *heldTable, n int) []hold {
	holds := make([]hold, n)
	for i := range holds {
		holds[i] = table.hold(i)
	}
	return holds
}

// isSequence reports whether the holds, from the chain key of nothing held on, make this
// chain key.
func isSequence(holds []hold, hash, key uint64) bool {
	for i := range holds {
		h := &holds[i]
		if h.lock == nil || h.before != hash {
			return false
		}
		hash = extend(hash, h.lock.id, h.mode)
	}
	return hash == key
}
