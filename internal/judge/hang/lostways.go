package hang

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// lostWays are the goroutines that would have to go on before one does that cannot be
// woken: only others that cannot be woken are in its way. Where nothing else shows it, it
// waits for those that it has started.
func (v *view) lostWays(i int) [][]uint64 {
	if ways := v.knownWays(i); ways != nil {
		return ways
	}
	return v.childWays(&v.Goroutines[i])
}

// knownWays are those of them of which something is known.
func (v *view) knownWays(i int) (ways [][]uint64) {
	g := &v.Goroutines[i]
	all := func(ids []uint64) {
		if ids = v.onlyLost(ids, 0); len(ids) > 0 {
			ways = append(ways, ids)
		}
	}
	if lock, ok := g.Wait.lock(); ok {
		for _, way := range v.lockWays(i, lock) {
			all(way)
		}
		return ways
	}
	if len(g.Wait.All) > 0 {
		all(g.Wait.All)
		return ways
	}
	for _, c := range g.Wait.Cases {
		if c.Object == nil {
			continue
		}
		all(v.owers[c.Object])
		for _, id := range v.lostHelpers(g, c) {
			ways = append(ways, []uint64{id})
		}
	}
	return ways
}

// childWays are those by which a goroutine goes on that waits for one that it has started,
// for all that is known. The Wait of a group is for all that its Go has started, if there are
// such. A goroutine in code of the user's does not wait for one that only the standard library
// knows of: that serves the goroutine, and waits for it in turn.
func (v *view) childWays(g *Goroutine) (ways [][]uint64) {
	if g.Wait.IsLock() || len(g.Wait.All) > 0 || isNothing(g) {
		return nil
	}
	var counted, others []uint64
	for _, j := range v.children[g.ID] {
		child := &v.Goroutines[j]
		switch {
		case !v.lost[child.ID], isStandard(child) && !isStandard(g):
		case g.Wait.Join && isCounted(child):
			counted = append(counted, child.ID)
		default:
			others = append(others, child.ID)
		}
	}
	if counted != nil {
		return [][]uint64{counted}
	}
	for _, id := range others {
		ways = append(ways, []uint64{id})
	}
	return ways
}

// isCounted reports whether the Go of a wait group has started the goroutine.
func isCounted(g *Goroutine) bool {
	return slices.ContainsFunc(judge.Expand(g.Created), func(f finding.Frame) bool { return judge.IsGroupStarter(f.Func) })
}

// isStandard reports whether a goroutine that waits is in no code of the user's.
func isStandard(g *Goroutine) bool {
	return g.Wait != nil && judge.Own(judge.Expand(g.Wait.Stack)).User().IsStandard()
}

// lostHelpers are the goroutines by which the case would become ready if they could be woken:
// those that have used the other side, and those that need a lock which g holds. Of the
// former one that joins a group has most likely done its part. Before those that need a lock
// come those that run what goroutines ran which did it.
func (v *view) lostHelpers(g *Goroutine, c Case) []uint64 {
	u := v.usersOf(c)
	users, needing := v.onlyLost(u.Living, g.ID), v.onlyLost(v.needing(g, u), g.ID)
	users = slices.DeleteFunc(users, func(id uint64) bool { return v.forever[id] })
	of := func(fits func(id uint64) bool) (ids []uint64) {
		for _, id := range users {
			if fits(id) {
				ids = append(ids, id)
			}
		}
		return ids
	}
	if both := of(func(id uint64) bool { return slices.Contains(needing, id) }); both != nil {
		return both
	}
	if active := of(func(id uint64) bool { return !v.joins[id] }); active != nil {
		return active
	}
	if kin := v.onlyLost(u.Kin, g.ID); kin != nil {
		return kin
	}
	if needing != nil {
		return needing
	}
	return users
}

// onlyLost returns those of the goroutines that cannot be woken, without one of them.
func (v *view) onlyLost(ids []uint64, but uint64) (left []uint64) {
	for _, id := range ids {
		if id != but && v.lost[id] {
			left = append(left, id)
		}
	}
	return left
}
