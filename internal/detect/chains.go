package detect

import "sync/atomic"

// chains caches which sequences of held locks followed by which lock the order graph
// already knows, as the chain cache of Linux lockdep does: a repeated nested acquisition
// costs one probe and no lock of ours.
//
// An entry is one word, so a reader sees it whole or not at all. The hash alone
// says that the dependency is known for enough goroutines; mixed with a goroutine
// id, that it is known for that goroutine. A lost entry costs a second search of
// the graph and changes no result, so the cache has a fixed size and new entries
// overwrite old ones.
type chains struct {
	sets [chainSets][chainWays]atomic.Uint64
	next atomic.Uint32
}

const (
	// chainSets times chainWays is 65,536 chains in 512 kB, more than the order graph keeps
	// dependencies.
	chainSetBits = 14
	chainSets    = 1 << chainSetBits
	// chainWays is the number of slots that a chain may be in: half a cache line.
	chainWays = 4
)

func (c *chains) set(hash uint64) *[chainWays]atomic.Uint64 {
	return &c.sets[hash>>(64-chainSetBits)]
}

// own is the entry for one goroutine, by its key. Multiplication by an odd number is injective, so two
// keys never share it.
func own(hash, key uint64) uint64 { return hash ^ key*0xd6e8feb86659fd93 }

func (c *chains) seen(hash, key uint64) bool {
	mine := own(hash, key)
	set := c.set(hash)
	for i := range set {
		if v := set[i].Load(); v == hash || v == mine {
			return true
		}
	}
	return false
}

// add stores that the dependency is known for the goroutine; if saturated, for all.
func (c *chains) add(hash, key uint64, saturated bool) {
	entry := own(hash, key)
	if saturated {
		entry = hash
	}
	set := c.set(hash)
	for i := range set {
		if set[i].Load() == 0 {
			set[i].Store(entry)
			return
		}
	}
	set[c.next.Add(1)%chainWays].Store(entry)
}
