package lockorder

import (
	"cmp"
	"slices"
)

// component is a set of locks that lie, or once lay, on common cycles of edges
// "held, then asked for". Most have one lock.
//
// Invariant: an edge from one component to another goes to a higher place.
// Removing records leaves components as they are: one that is too large costs
// search steps, never a wrong answer.
type component[S any] struct {
	place int64 // in the topological order; distinct among components
	locks []*lock[S]
}

// insertEdge restores the invariant for the edge from h (held) to l (asked for).
// Only components between the places of the two are looked at.
func insertEdge[S any](h, l *lock[S]) {
	from, to := h.comp, l.comp
	if from == to || from.place < to.place {
		return
	}
	after := reach(to, from.place, true)
	before := reach(from, to.place, false)
	places := pool(after, before)
	// What lies both after l and before h is on a cycle with the new edge.
	var ring *component[S]
	if after[from] {
		ring = merge(after, before)
	}
	// The ring, if any, takes the first place that is left by what comes before.
	for i, c := range byPlace(before) {
		c.moveTo(places[i])
	}
	if ring != nil {
		ring.moveTo(places[len(before)])
	}
	for i, c := range byPlace(after) {
		c.moveTo(places[len(places)-len(after)+i])
	}
}

// reach returns the components that can be reached from c, or if not forward those
// that reach it, without passing the place limit.
func reach[S any](c *component[S], limit int64, forward bool) map[*component[S]]bool {
	found := map[*component[S]]bool{c: true}
	visit := func(next *component[S]) bool {
		if found[next] || forward && next.place > limit || !forward && next.place < limit {
			return false
		}
		found[next] = true
		return true
	}
	for todo := []*component[S]{c}; len(todo) > 0; {
		c, todo = todo[len(todo)-1], todo[:len(todo)-1]
		for _, l := range c.locks {
			todo = l.appendNext(todo, forward, visit)
		}
	}
	return found
}

// appendNext appends the components one edge away from l that visit accepts.
func (l *lock[S]) appendNext(to []*component[S], forward bool, visit func(*component[S]) bool) []*component[S] {
	if forward {
		for _, h := range l.holds {
			if next := h.rec.lock.comp; visit(next) {
				to = append(to, next)
			}
		}
		return to
	}
	for _, r := range l.asked {
		for _, h := range r.held {
			// A record under insertion has not all of its held set yet.
			if h.lock != nil && visit(h.lock.comp) {
				to = append(to, h.lock.comp)
			}
		}
	}
	return to
}

// pool returns the places of the components in both sets, ascending.
func pool[S any](after, before map[*component[S]]bool) []int64 {
	places := make([]int64, 0, len(after)+len(before))
	for c := range after {
		places = append(places, c.place)
	}
	for c := range before {
		if !after[c] {
			places = append(places, c.place)
		}
	}
	slices.Sort(places)
	return places
}

// merge moves the locks of all components that are in both sets into the largest
// of them, removes these components from the sets, and returns the merged one.
func merge[S any](after, before map[*component[S]]bool) *component[S] {
	var into *component[S]
	var parts []*component[S]
	for c := range after {
		if !before[c] {
			continue
		}
		parts = append(parts, c)
		delete(after, c)
		delete(before, c)
		if into == nil || len(c.locks) > len(into.locks) {
			into = c
		}
	}
	for _, c := range byPlaceOf(parts) {
		if c == into {
			continue
		}
		for _, l := range c.locks {
			l.comp, l.slot = into, len(into.locks)
			into.locks = append(into.locks, l)
		}
	}
	return into
}

func byPlace[S any](set map[*component[S]]bool) []*component[S] {
	all := make([]*component[S], 0, len(set))
	for c := range set {
		all = append(all, c)
	}
	return byPlaceOf(all)
}

func byPlaceOf[S any](all []*component[S]) []*component[S] {
	slices.SortFunc(all, func(a, b *component[S]) int { return cmp.Compare(a.place, b.place) })
	return all
}

// drop removes l, which has no edges left.
func (c *component[S]) drop(l *lock[S]) {
	last := len(c.locks) - 1
	moved := c.locks[last]
	c.locks[l.slot], moved.slot = moved, l.slot
	c.locks[last] = nil
	c.locks = c.locks[:last]
}
