// Package gather puts the blocked goroutines of a process into groups of those that are blocked
// alike. Which goroutines these are, and what is known about one, its callers say.
package gather

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// maxGroups and maxIDs bound what a report keeps of a process.
const (
	maxGroups = 100
	maxIDs    = 10
)

// Groups are the groups by what their goroutines have in common. The zero value is empty.
type Groups[K comparable] struct {
	at  map[K]int
	all []group
}

type group struct {
	finding.BlockedGroup
	place Place
}

// Place says where a group stands among others: those of the least Rank come first, then the
// largest, then those of the least First; else the order is that in which they began.
type Place struct {
	Rank  int
	First uint64
}

// Of returns the group with the key. If there is none yet, begin returns what is known about
// its first goroutine, which then joins like any other.
func (g *Groups[K]) Of(key K, begin func() (finding.BlockedGroup, Place)) *finding.BlockedGroup {
	if g.at == nil {
		g.at = make(map[K]int)
	}
	n, known := g.at[key]
	if !known {
		n = len(g.all)
		g.at[key] = n
		one, place := begin()
		g.all = append(g.all, group{one, place})
	}
	return &g.all[n].BlockedGroup
}

// Join adds n goroutines to a group, of which one has the id, or 0, and that have waited for
// so many nanoseconds at least.
func Join(to *finding.BlockedGroup, n int64, id uint64, waited int64) {
	to.Count += n
	if id != 0 && len(to.IDs) < maxIDs {
		to.IDs = append(to.IDs, id)
	}
	to.OldestNanos = max(to.OldestNanos, waited)
}

// Into gives the process the groups in their order, and the number of all goroutines in them.
func (g *Groups[K]) Into(p *finding.BlockedProcess) {
	slices.SortStableFunc(g.all, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.place.Rank, b.place.Rank), cmp.Compare(b.Count, a.Count), cmp.Compare(a.place.First, b.place.First))
	})
	for i := range g.all {
		p.Count += g.all[i].Count
		if i < maxGroups {
			p.Groups = append(p.Groups, g.all[i].BlockedGroup)
		}
	}
}
