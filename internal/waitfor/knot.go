package waitfor

import "slices"

// Party is a goroutine that waits where more than one goroutine could end the
// wait: on a channel, in a select, for a wait group.
type Party struct {
	Goroutine uint64
	// Ways are the ways in which the wait can end. A way is open if each of its
	// goroutines can go on: for a lock there is one way, with all that hold it; for
	// a channel there is one way for each goroutine that uses the other side. With
	// no way at all no goroutine can end the wait.
	Ways [][]uint64
	// Maybe are further goroutines of which each could end the wait, for all that is
	// known, while nothing says that it would. Those of them that can go on keep the
	// party alive as a way does; those that cannot are no reason for its wait.
	Maybe []uint64
	// Group are more such goroutines, where many parties have the same; nil for none. The
	// party itself may be among them.
	Group *Group
}

// Group is a set of goroutines.
type Group struct{ Goroutines []uint64 }

// Knot is a set of goroutines that wait for each other, or for none, for ever:
// whatever any of them waits for needs another one of them.
type Knot struct {
	// Members are indexes of parties, ascending.
	Members []int
	// Ring is a shortest cycle through the member with the lowest index: each
	// waits for the next, and the last for the first. It is empty for a single
	// party with no way.
	Ring []int
	// Victims are the parties that are not in the knot and cannot go on because of it.
	Victims []int
}

// Knots returns the knots among blocked goroutines. A goroutine that is not among
// the parties can always go on; so a party lives if one of its ways has none but
// those that live. What is left is the largest set that cannot move, and its
// strongly connected components that wait for nothing outside are the knots
// (Holt, "Some Deadlock Properties of Computer Systems", Computing Surveys 1972).
//
// Parties have distinct goroutines.
func Knots(parties []Party) []Knot {
	k := newKnotter(parties)
	k.settle()
	var knots []Knot
	for _, members := range k.components() {
		if k.isClosed(members) {
			knots = append(knots, Knot{Members: members, Ring: k.ring(members[0])})
		}
	}
	for i := range knots {
		knots[i].Victims = k.victims(knots[i].Members)
	}
	return knots
}

type knotter struct {
	parties []Party
	index   map[uint64]int
	dead    []bool
	edges   [][]int // from each dead party to the dead ones that it needs
	back    [][]int // the same from the other end
	groups  map[*Group]*group
	in      [][]*group // those that a party is among
	seen    []int      // by which party a party was seen last; see mark
	marks   int
}

// group is what is known about a Group of the parties.
type group struct {
	parties []int // that have it
	open    bool  // one of it can go on
}

func newKnotter(parties []Party) *knotter {
	n := len(parties)
	k := &knotter{
		parties: parties, index: make(map[uint64]int, n), dead: make([]bool, n),
		edges: make([][]int, n), back: make([][]int, n), groups: make(map[*Group]*group), in: make([][]*group, n), seen: make([]int, n),
	}
	for i, p := range parties {
		k.index[p.Goroutine] = i
		k.dead[i] = true
	}
	for i, p := range parties {
		if p.Group == nil {
			continue
		}
		g := k.groups[p.Group]
		if g == nil {
			g = k.group(p.Group)
		}
		g.parties = append(g.parties, i)
	}
	return k
}

func (k *knotter) group(of *Group) *group {
	g := new(group)
	k.groups[of] = g
	for _, id := range of.Goroutines {
		if j, blocked := k.index[id]; blocked {
			k.in[j] = append(k.in[j], g)
		} else {
			g.open = true
		}
	}
	return g
}

// mark begins to mark parties: none is marked then.
func (k *knotter) mark() { k.marks++ }

// isNew marks a party and reports whether it was not marked.
func (k *knotter) isNew(i int) bool {
	if k.seen[i] == k.marks {
		return false
	}
	k.seen[i] = k.marks
	return true
}

// settle finds the dead: the greatest set in which every way of every party needs
// one of the set. It then draws the edges between them.
func (k *knotter) settle() {
	needs := make([][]int, len(k.parties)) // parties that have a way through this one
	for i, p := range k.parties {
		for _, id := range slices.Concat(append(slices.Clone(p.Ways), p.Maybe)...) {
			if j, ok := k.index[id]; ok {
				needs[j] = append(needs[j], i)
			}
		}
	}
	todo := make([]int, len(k.parties))
	for i := range todo {
		todo[i] = i
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if k.dead[i] && k.canGoOn(i) {
			k.dead[i] = false
			todo = append(todo, needs[i]...)
			for _, g := range k.in[i] {
				if !g.open {
					g.open = true
					todo = append(todo, g.parties...)
				}
			}
		}
	}
	for i, p := range k.parties {
		k.mark()
		for _, way := range p.Ways {
			for _, id := range way {
				if j, ok := k.index[id]; ok && k.dead[i] && k.dead[j] && k.isNew(j) {
					k.edges[i], k.back[j] = append(k.edges[i], j), append(k.back[j], i)
				}
			}
		}
	}
}

func (k *knotter) canGoOn(i int) bool {
	p := &k.parties[i]
	return p.Group != nil && k.groups[p.Group].open || slices.ContainsFunc(p.Ways, k.isOpen) ||
		slices.ContainsFunc(p.Maybe, func(id uint64) bool { return k.isOpen([]uint64{id}) })
}

func (k *knotter) isOpen(way []uint64) bool {
	return !slices.ContainsFunc(way, func(id uint64) bool {
		i, blocked := k.index[id]
		return blocked && k.dead[i]
	})
}

// components returns the strongly connected components of the dead (Tarjan,
// "Depth-First Search and Linear Graph Algorithms", SIAM 1972).
func (k *knotter) components() (all [][]int) {
	number := make([]int, len(k.parties)) // 0: not visited
	low := make([]int, len(k.parties))
	onStack := make([]bool, len(k.parties))
	var stack []int
	count := 0
	var visit func(i int)
	visit = func(i int) {
		count++
		number[i], low[i] = count, count
		stack, onStack[i] = append(stack, i), true
		for _, j := range k.edges[i] {
			if number[j] == 0 {
				visit(j)
			}
			if onStack[j] {
				low[i] = min(low[i], low[j])
			}
		}
		if low[i] != number[i] {
			return
		}
		at := len(stack) - 1
		for stack[at] != i {
			at--
		}
		members := slices.Clone(stack[at:])
		stack = stack[:at]
		for _, j := range members {
			onStack[j] = false
		}
		slices.Sort(members)
		all = append(all, members)
	}
	for i := range k.parties {
		if k.dead[i] && number[i] == 0 {
			visit(i)
		}
	}
	slices.SortFunc(all, func(a, b []int) int { return a[0] - b[0] })
	return all
}

// isClosed reports whether the members wait for no other goroutine.
func (k *knotter) isClosed(members []int) bool {
	for _, i := range members {
		for _, j := range k.edges[i] {
			if _, inside := slices.BinarySearch(members, j); !inside {
				return false
			}
		}
	}
	return true
}

// ring returns a shortest cycle through a party, breadth first; nil if there is none.
func (k *knotter) ring(start int) []int {
	from := make(map[int]int)
	for todo := []int{start}; len(todo) > 0; todo = todo[1:] {
		i := todo[0]
		for _, j := range k.edges[i] {
			if j == start {
				ring := []int{i}
				for i != start {
					i = from[i]
					ring = append(ring, i)
				}
				slices.Reverse(ring)
				return ring
			}
			if _, known := from[j]; !known {
				from[j] = i
				todo = append(todo, j)
			}
		}
	}
	return nil
}

// victims returns what else needs one of the members, directly or not.
func (k *knotter) victims(members []int) (victims []int) {
	k.mark()
	for _, i := range members {
		k.isNew(i)
	}
	for todo := slices.Clone(members); len(todo) > 0; todo = todo[1:] {
		for _, j := range k.back[todo[0]] {
			if k.isNew(j) {
				victims, todo = append(victims, j), append(todo, j)
			}
		}
	}
	slices.Sort(victims)
	return victims
}
