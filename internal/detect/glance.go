package detect

import "slices"

// glances is how often a goroutine is looked at that takes and releases locks
// meanwhile: each look lasts some nanoseconds.
const glances = 16

// glance reads what g holds while it may run; false if it holds nothing or did not
// keep still. Nothing keeps g from changing its list meanwhile, so what was read is
// believed only if it makes sense: two readings are equal, and give the hash that g had
// before and after.
//
//go:norace
func (g *Goroutine) glance() (s sighting, ok bool) {
	for range glances {
		id, n, hash, seed, table := g.identity(), g.n, g.hash, g.seed, g.table.Load()
		if n <= 0 || table == nil {
			return s, false
		}
		if id == 0 || n > len(*table) {
			continue // it enters or leaves the agent, or grows its list
		}
		first, second := peek(*table, n), peek(*table, n)
		recordsSeen()
		if slices.Equal(first, second) && isChain(first, seed, hash) &&
			g.n == n && g.hash == hash && g.identity() == id && g.table.Load() == table {
			return sighting{g: g, id: id, creator: g.creator, holds: first}, true
		}
	}
	return s, false
}

//go:norace
func peek(table []hold, n int) []hold {
	holds := make([]hold, n)
	for i := range holds {
		holds[i] = table[i]
	}
	return holds
}

// isChain reports whether the holds make a sequence with this chain key, from that of
// nothing held.
func isChain(holds []hold, hash, key uint64) bool {
	for i := range holds {
		h := &holds[i]
		if h.lock == nil || h.before != hash {
			return false
		}
		hash = extend(hash, h.lock.id, h.mode)
	}
	return hash == key
}
