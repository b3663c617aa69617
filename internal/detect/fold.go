package detect

import (
	"cmp"
	"slices"
)

// told remembers where the cycles that were reported go against the order. One wrong
// place in a program with a long order is on many cycles, which all go when it is
// mended: the shortest tells it.
type told struct {
	// lengths is the length of the shortest cycle that was reported for a place.
	lengths map[oddPlace]int
}

// oddPlace is where the odd one of a cycle took what the others ask for, and where it
// asks.
type oddPlace struct{ took, asks uintptr }

// maxTold bounds the places that are remembered; beyond it all cycles are reported.
const maxTold = 4096

// fold returns those of the cycles, shortest first, that are worth a report of their
// own. A pair always is.
func (t *told) fold(cycles []cycle) (worth []cycle) {
	slices.SortStableFunc(cycles, func(a, b cycle) int { return cmp.Compare(len(a.Deps), len(b.Deps)) })
	for _, c := range cycles {
		place, n := c.oddPlace(), len(c.Deps)
		if shortest, known := t.lengths[place]; known && n > max(shortest, 2) {
			continue
		} else if !known && len(t.lengths) < maxTold {
			if t.lengths == nil {
				t.lengths = make(map[oddPlace]int)
			}
			t.lengths[place] = n
		}
		worth = append(worth, c)
	}
	return worth
}

func (c *cycle) oddPlace() (p oddPlace) {
	n := len(c.Deps)
	odd, before := c.Deps[c.Odd], c.Deps[(c.Odd+n-1)%n]
	p.asks = firstCall(odd.Site.stack)
	for _, h := range odd.Held {
		if h.Lock == before.Lock {
			p.took = firstCall(h.Site.stack)
		}
	}
	return p
}

func firstCall(stack []uintptr) uintptr {
	if len(stack) == 0 {
		return 0
	}
	return stack[0]
}
