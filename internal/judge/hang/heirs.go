package hang

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/judge"
)

// A goroutine that is started while a lock is held may be given the lock, to release it
// later: Open locks and returns, and the goroutine that dials unlocks. Until it has done so
// once that looks like a lock which its own holder waits for.

// heirs are the goroutines that may have been given a lock of the ring, without those that
// cannot go on themselves.
func (k *knot) heirs() []uint64 { return slices.DeleteFunc(k.allHeirs(), k.isHopeless) }

func (k *knot) allHeirs() []uint64 {
	ring := make([]*Goroutine, len(k.ring))
	for i, j := range k.ring {
		ring[i] = k.goroutine(j)
	}
	return heirsIn(ring)
}

// heirsIn are the goroutines that may have been given locks which some of the ring hold and
// others, or they themselves, wait for. They are in order.
func heirsIn(ring []*Goroutine) (ids []uint64) {
	for h := range holdsIn(ring) {
		ids = append(ids, h.Heirs...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// isUnownedIn reports whether another goroutine may release a lock that keeps one of the ring
// waiting.
func isUnownedIn(ring []*Goroutine) bool {
	for h := range holdsIn(ring) {
		if h.Unowned {
			return true
		}
	}
	return slices.ContainsFunc(ring, func(g *Goroutine) bool { return g.Wait.Unowned })
}

// holdsIn yields the locks that some of the ring hold and others, or they themselves, wait for.
func holdsIn(ring []*Goroutine) iter.Seq[*judge.Hold] {
	return func(yield func(*judge.Hold) bool) {
		for _, g := range ring {
			lock, ok := g.Wait.lock()
			for _, holder := range ring {
				for i := range holder.Holds {
					if h := &holder.Holds[i]; ok && h.Lock == lock && !yield(h) {
						return
					}
				}
			}
		}
	}
}

// isHopeless reports whether a goroutine is known not to go on by itself. That it is in
// another hang does not count, which may be less certain than this one.
func (k *knot) isHopeless(id uint64) bool {
	is := func(g *Goroutine) bool { return g.ID == id }
	return k.any(k.members, is) || k.any(k.victims, is) ||
		slices.ContainsFunc(k.v.Goroutines, func(g Goroutine) bool { return g.ID == id && g.Proof == Unreachable })
}

// isGiven reports whether a goroutine that may go on may have been given a lock of the ring.
func (k *knot) isGiven() bool { return len(k.heirs()) > 0 }

// isRing reports whether goroutines keep each other waiting, or one itself.
func (k *knot) isRing() bool { return len(k.ring) > 0 && !k.isEarly() }

// isEarly reports whether the lock that a goroutine waits for and holds may be about to be
// released by another one, which was given it and takes its time.
func (k *knot) isEarly() bool {
	return k.v.basis != asleep && k.isSelf() && !k.isProven() && !k.lasted(lonePatience) && k.isGiven()
}

// namedHeirs is how many of them a finding names.
const namedHeirs = 3

// giving says which goroutines may release a lock of the ring, "" if none may.
func giving(heirs []uint64) string {
	if len(heirs) == 0 {
		return ""
	}
	who := fmt.Sprintf("goroutine %d, which was", heirs[0])
	if len(heirs) > 1 {
		named := strings.Trim(fmt.Sprint(heirs[:min(len(heirs), namedHeirs)]), "[]")
		if len(heirs) > namedHeirs {
			named += " ..."
		}
		who = fmt.Sprintf("one of the goroutines %s, which were", named)
	}
	return fmt.Sprintf("The lock may have been given to %s started while it was held.", who)
}
