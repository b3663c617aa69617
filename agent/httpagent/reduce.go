package httpagent

import "slices"

// withoutImplied returns the edges without those that follow from others: where A is
// taken before B and B before C, an arrow from A to C says nothing new, and a server's
// lock order has many of them. This is the transitive reduction; edges on cycles are all
// kept, since each is part of what is wrong.
//
// Edges go one after the other, each only if the rest still leads from its start
// to its end, so what can be reached never changes, also where there are cycles.
func withoutImplied(edges []namedEdge) []namedEdge {
	next := make(map[int][]int)
	for _, e := range edges {
		if e.From != e.To {
			next[e.From] = append(next[e.From], e.To)
		}
	}
	var kept []namedEdge
	for _, e := range edges {
		if e.From == e.To || e.Cyclic {
			kept = append(kept, e)
			continue
		}
		others := slices.DeleteFunc(slices.Clone(next[e.From]), func(to int) bool { return to == e.To })
		all := next[e.From]
		next[e.From] = others
		if !leads(next, e.From, e.To) {
			next[e.From] = all
			kept = append(kept, e)
		}
	}
	return kept
}

// leads reports whether there is a way from one class to the other.
func leads(next map[int][]int, from, to int) bool {
	seen := map[int]bool{from: true}
	for queue := []int{from}; len(queue) > 0; queue = queue[1:] {
		for _, n := range next[queue[0]] {
			if n == to {
				return true
			}
			if !seen[n] {
				seen[n] = true
				queue = append(queue, n)
			}
		}
	}
	return false
}
