package waitfor

import (
	"errors"
	"fmt"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// check returns what is wrong with the graph's own bookkeeping, nil if nothing.
// Tests call it after every step.
func (g *Graph) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	holds, waits := 0, 0
	// Invariant: every registered wait is entered at its lock and its holds.
	for w := range g.waits {
		if !w.registered || w.Seq == 0 || w.Seq > g.seq {
			fail("wait %d of %d: registered %v", w.Seq, g.seq, w.registered)
		}
		for i, h := range w.Held {
			holds++
			if g.locks[h.Lock].holders[w.slots[i]] != (heldBy{w, i}) {
				fail("wait %d: hold %d not entered at lock %d", w.Seq, i, h.Lock)
			}
		}
	}
	// Invariant: locks have nothing else, and list their writers by Seq.
	for id, l := range g.locks {
		holds -= len(l.holders)
		waits += l.waits
		if l.waits == 0 && len(l.holders) == 0 {
			fail("lock %d: unused", id)
		}
		var prev *Wait
		for w := l.first; w != nil; prev, w = w, w.next {
			_, known := g.waits[w]
			if !known || w.Lock != id || w.Mode != lockorder.Exclusive || w.prev != prev || prev != nil && prev.Seq >= w.Seq {
				fail("lock %d: wait %d misplaced", id, w.Seq)
			}
		}
		if l.last != prev {
			fail("lock %d: last wait is not the last", id)
		}
	}
	if holds != 0 || waits != len(g.waits) {
		fail("%d holds too few at the locks, %d waits of %d", holds, waits, len(g.waits))
	}
	return errors.Join(errs...)
}
