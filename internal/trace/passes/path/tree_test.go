package path

import (
	"math/rand/v2"
	"testing"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// TestPrune grows trees at random and prunes one of two: every leaf's sums must stay
// the same, from the beginning and from each cut, and little must be left.
func TestPrune(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for round := range 50 {
		whole, pruned := newTree(), newTree()
		type leaf struct{ whole, pruned int32 }
		leaves := make([]leaf, 1+rnd.IntN(8))
		var cuts []int64
		now := int64(0)
		for step := range 3000 {
			now += 1 + rnd.Int64N(100)
			l := &leaves[rnd.IntN(len(leaves))]
			if rnd.IntN(3) == 0 {
				*l = leaves[rnd.IntN(len(leaves))]
			}
			p := part{entry: stream.FrameID(1 + rnd.IntN(5))}
			end := now
			p.spent[rnd.IntN(int(doingCount))] = end - whole.nodes[l.whole].end
			l.whole, l.pruned = whole.grow(l.whole, end, p), pruned.grow(l.pruned, end, p)
			if step%1000 == 500 {
				cuts = append(cuts, now-20)
			}
			if step%400 == 399 {
				var at []*int32
				for i := range leaves {
					at = append(at, &leaves[i].pruned)
				}
				pruned.prune(at, cuts)
				check(t, &pruned)
				if most := 4*len(leaves) + 3*len(leaves)*len(cuts) + 1; len(pruned.nodes) > most {
					t.Fatalf("round %d: %d nodes are left for %d leaves and %d cuts", round, len(pruned.nodes), len(leaves), len(cuts))
				}
			}
		}
		for _, l := range leaves {
			for _, since := range append(cuts, 0) {
				want, got := make(map[stream.FrameID]*spent), make(map[stream.FrameID]*spent)
				whole.walk(l.whole, since, want)
				pruned.walk(l.pruned, since, got)
				for entry, s := range want {
					if got[entry] == nil || *got[entry] != *s {
						t.Fatalf("round %d since %d: entry %d spent %v, want %v", round, since, entry, got[entry], *s)
					}
				}
			}
		}
	}
}

// check holds the tree's invariants.
func check(t *testing.T, tr *tree) {
	t.Helper()
	for i := 1; i < len(tr.nodes); i++ {
		n := &tr.nodes[i]
		if int(n.parent) >= i {
			t.Fatalf("node %d has parent %d", i, n.parent)
		}
		if p := &tr.nodes[n.parent]; p.end > n.end {
			t.Fatalf("node %d ends at %d, its parent at %d", i, n.end, p.end)
		}
	}
}
