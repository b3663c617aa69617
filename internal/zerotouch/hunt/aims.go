package hunt

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// aims are what directed runs are directed at, beside findings: lines of the program at
// which it may matter which goroutine comes first. Each run takes one, in turns. The zero value has
// none.
type aims struct {
	list []aim
	// directed counts the runs.
	directed int
}

type aim struct {
	site Site
	used int
}

// add takes in lines that a run has shown.
func (a *aims) add(places []finding.Frame) {
	for _, f := range places {
		site := Site{f.File, f.Line}
		if !slices.ContainsFunc(a.list, func(known aim) bool { return known.site == site }) {
			a.list = append(a.list, aim{site: site})
		}
	}
}

// choose returns where the next directed run pauses: every other time, and where nothing
// else is known, at what findings name, else at the line that had the fewest turns.
func (a *aims) choose(found []Site) []Site {
	if len(a.list) == 0 || len(found) > 0 && a.directed%2 == 0 {
		return found
	}
	least := a.list[0]
	for _, one := range a.list {
		if one.used < least.used {
			least = one
		}
	}
	return []Site{least.site}
}

// use notes a run.
func (a *aims) use(p Perturbation) {
	if p.Strategy != Directed {
		return
	}
	a.directed++
	for i := range a.list {
		if len(p.Sites) == 1 && p.Sites[0] == a.list[i].site {
			a.list[i].used++
		}
	}
}
