package verdict

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// told remembers where the cycles that were reported go against the order. One wrong
// place in a program with a long order is on many cycles, which all go when it is
// mended: the shortest tells it. Of one pair of places many instances of locks make
// cycles: one tells it.
type told struct {
	odd    map[oddPlace]bool // whether one of them was not apart
	places map[[2]oddPlace]bool
}

// oddPlace is where the odd one of a cycle took what the others ask for, and where it
// asks.
type oddPlace struct{ took, asks finding.Frame }

// fold returns those of the cycles, shortest first and surest before the others, that
// are worth a report of their own.
func (t *told) fold(cycles []lockorder.Cycle[*site]) (worth []lockorder.Cycle[*site]) {
	t.odd, t.places = make(map[oddPlace]bool), make(map[[2]oddPlace]bool)
	apart := func(c *lockorder.Cycle[*site]) int {
		if c.Apart {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(cycles, func(a, b lockorder.Cycle[*site]) int {
		return cmp.Or(cmp.Compare(len(a.Deps), len(b.Deps)), cmp.Compare(apart(&a), apart(&b)))
	})
	for _, c := range cycles {
		place, n := placeOf(&c, c.Odd), len(c.Deps)
		if sure, known := t.odd[place]; known && n > 2 && (sure || c.Apart) {
			continue
		}
		t.odd[place] = t.odd[place] || !c.Apart
		if n == 2 {
			pair := [2]oddPlace{place, placeOf(&c, 1-c.Odd)}
			if t.places[pair] || t.places[[2]oddPlace{pair[1], pair[0]}] {
				continue
			}
			t.places[pair] = true
		}
		worth = append(worth, c)
	}
	return worth
}

// placeOf is where the i-th of a cycle took what the one before asks for, and where it
// asks.
func placeOf(c *lockorder.Cycle[*site], i int) (p oddPlace) {
	n := len(c.Deps)
	d, before := c.Deps[i], c.Deps[(i+n-1)%n]
	p.asks = d.Site.stack.Site()
	for _, h := range d.Held {
		if h.Lock == before.Lock {
			p.took = h.Site.stack.Site()
		}
	}
	return p
}
