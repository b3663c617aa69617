package verdict

import (
	"cmp"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/waitfor"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// basis says who could end a wait for a channel or the like, apart from those who wait.
type basis uint8

const (
	// byUse: whoever is alive and has used its other side.
	byUse basis = iota
	// byCensus: also everybody alive who may know it.
	byCensus
	// byFamily: as byCensus, for what is left when a test or the program is over. Only
	// goroutines of the same test may know, and what a timer may do counts for nothing.
	byFamily
	// bySleep: the runtime has said that everybody is asleep.
	bySleep
	// byProof: the collector has proven them lost. Nobody else can help them.
	byProof
)

const (
	// DefaultSelfWait is how long a goroutine has to wait before it is looked at. It is
	// the agent's.
	DefaultSelfWait = time.Second
	// lonePatience is how many times longer than others a wait must last for which nobody
	// has ever been seen to do what would end it, as with the agent.
	lonePatience = 10
)

// somebody stands for a goroutine that can always go on, where it is not known what
// ends a wait.
const somebody = 0

// view is all goroutines that have waited for a while as parties of package waitfor.
type view struct {
	*scene
	basis   basis
	settled []*tape.Goroutine
	parties []waitfor.Party
	groups  map[string]*waitfor.Group // see knowers
}

// newView looks at the goroutines that have waited for at least enough.
func newView(s *scene, by basis, enough time.Duration) *view {
	v := &view{scene: s, basis: by, groups: make(map[string]*waitfor.Group)}
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		if g.Wait == nil || isService(g) || g.Bubble && !isLock(g.Wait.Kind) && by != bySleep {
			continue // package synctest itself tells of what is asleep in a bubble
		}
		if by == byProof && !g.Leaked {
			continue
		}
		if by == bySleep || s.waited(g) >= int64(enough) {
			v.settled = append(v.settled, g)
		}
	}
	slices.SortFunc(v.settled, func(a, b *tape.Goroutine) int { return cmp.Compare(a.ID, b.ID) })
	for _, g := range v.settled {
		v.parties = append(v.parties, v.party(g))
	}
	return v
}

func (v *view) knots() (all []*knot) {
	dead, of := make(map[uint64]bool), make(map[uint64]*knot)
	for _, k := range waitfor.Knots(v.parties) {
		one := &knot{v: v, members: v.at(k.Members), ring: v.at(k.Ring), victims: v.at(k.Victims)}
		for _, g := range slices.Concat(one.members, one.victims) {
			dead[g.ID] = true
		}
		for _, g := range one.members {
			of[g.ID] = one
		}
		all = append(all, one)
	}
	whole := v.isWhole(len(dead))
	for _, k := range all {
		k.whole = whole
		k.awaitsChildren = slices.ContainsFunc(v.children[k.members[0].ID], func(g *tape.Goroutine) bool {
			if v.basis == bySleep { // then those that wait for this one are no reason
				return of[g.ID] != nil && of[g.ID] != k
			}
			return dead[g.ID]
		})
	}
	return all
}

func (v *view) at(indexes []int) (list []*tape.Goroutine) {
	for _, i := range indexes {
		list = append(list, v.settled[i])
	}
	return list
}

func (v *view) party(g *tape.Goroutine) waitfor.Party {
	p := waitfor.Party{Goroutine: g.ID}
	if v.basis == byProof {
		p.Ways = v.lostWays(g)
		return p
	}
	if lock, ok := lockOf(g); ok {
		if v.waitsForTheDead(g) == nil {
			p.Ways = [][]uint64{v.lockWay(g, lock)}
		}
		return p
	}
	if isTesting(g) && v.basis < byFamily {
		p.Ways = [][]uint64{v.testWay(g)}
		return p
	}
	for _, c := range g.Wait.Cases {
		ways, maybe := v.waysOf(g, c)
		p.Ways = append(p.Ways, ways...)
		p.Maybe = append(p.Maybe, maybe...)
		if v.basis != byUse && !isNil(c.Object) {
			p.Group = v.knowers(g)
		}
	}
	if g.Wait.MoreCases {
		p.Maybe = append(p.Maybe, somebody)
	}
	return p
}

// lostWays are those who would have to go on before a goroutine does that was proven lost:
// only others that were are in its way.
func (v *view) lostWays(g *tape.Goroutine) (ways [][]uint64) {
	lost := func(ids []uint64) []uint64 {
		return slices.DeleteFunc(slices.Clone(ids), func(id uint64) bool {
			o := v.living[id]
			return o == nil || !o.Leaked
		})
	}
	if lock, ok := lockOf(g); ok {
		if ids := lost(v.lockWay(g, lock)); len(ids) > 0 {
			ways = [][]uint64{ids}
		}
		return ways
	}
	if isTesting(g) {
		if ids := lost(v.testWay(g)); len(ids) > 0 {
			ways = [][]uint64{ids}
		}
		return ways
	}
	for _, c := range g.Wait.Cases {
		ids := lost(v.endingsOf(c).by)
		if len(ids) == 0 {
			ids = lost(v.likely(g))
		}
		for _, id := range ids {
			if id != g.ID {
				ways = append(ways, []uint64{id})
			}
		}
	}
	return ways
}

// waitsForTheDead returns how a lock was left that the goroutine waits for and whose
// holder has ended, or nil. A lock that was handed over before is used as a semaphore:
// no doubt, its holder may come and go.
func (s *scene) waitsForTheDead(g *tape.Goroutine) *tape.Misuse {
	lock, ok := lockOf(g)
	k := keyOf(lock)
	if m := s.lost[k]; ok && m != nil && !s.isSemaphore(k, takenAt(m)) && len(s.holders[k]) == 0 && g.Wait.Mode.Conflicts(m.Mode) {
		return m
	}
	return nil
}

// lockWay are those who must go on before g gets its lock. A holder that does not wait
// is no party and keeps the way open. A reader that no holder keeps out waits behind
// the writer that came first.
func (v *view) lockWay(g *tape.Goroutine, lock tape.Object) (ids []uint64) {
	k := keyOf(lock)
	if v.isHandedOver(k) {
		return []uint64{somebody}
	}
	shared := false
	for _, holder := range v.holders[k] {
		mode, _ := holds(holder, k)
		if g.Wait.Mode.Conflicts(mode) {
			ids = append(ids, holder.ID)
		}
		shared = shared || mode == lockorder.Shared
	}
	if ids == nil && shared && len(v.writers[k]) > 0 {
		return []uint64{v.writers[k][0].ID}
	}
	if ids == nil {
		return []uint64{somebody}
	}
	return ids
}

// isHandedOver reports whether those who hold a lock may not be who releases it.
func (v *view) isHandedOver(k key) bool {
	return v.semaphores[k] || slices.ContainsFunc(v.holders[k], func(g *tape.Goroutine) bool {
		return slices.ContainsFunc(g.Held, func(h tape.Hold) bool { return keyOf(h.Object) == k && v.isSemaphore(k, h.Stack) })
	})
}

// testWay are the tests that a goroutine of package testing waits for.
func (v *view) testWay(g *tape.Goroutine) (ids []uint64) {
	for _, child := range v.children[g.ID] {
		if child.Created.Site().Package() == "testing" {
			ids = append(ids, child.ID)
		}
	}
	if ids == nil {
		return []uint64{somebody}
	}
	return ids
}

// waysOf are the ways in which a case can become ready, and who else might do it.
func (v *view) waysOf(g *tape.Goroutine, c tape.Case) (ways [][]uint64, maybe []uint64) {
	if isNil(c.Object) {
		return nil, nil
	}
	if c.Timer || v.isServed(g, c) {
		return nil, []uint64{somebody}
	}
	seen, maybe := v.users(g, c)
	for _, id := range seen {
		ways = append(ways, []uint64{id})
	}
	return ways, maybe
}

// users are those by whom a case can become ready: each living goroutine that has used
// the other side. With a census, those that may know of it are in the group of the
// party; they are a reason of the wait only where nobody was seen on the other side.
func (v *view) users(g *tape.Goroutine, c tape.Case) (seen, maybe []uint64) {
	e := v.endingsOf(c)
	for _, id := range e.by {
		if o := v.living[id]; o != nil && !v.isOver(o) && o != g {
			seen = append(seen, id)
		}
	}
	if e.timers && (v.basis == byUse || v.basis == byCensus) {
		maybe = append(maybe, somebody) // another one may be set
	}
	if c.MoreUses && v.basis != bySleep {
		maybe = append(maybe, somebody) // who used it may be forgotten
	}
	if v.basis == byUse {
		return seen, maybe
	}
	if v.Unseen > 0 && v.basis != bySleep {
		return seen, append(maybe, somebody)
	}
	if len(seen) == 0 {
		seen = v.likely(g)
	}
	return seen, maybe
}

// knowers are the living goroutines that may know what g waits for. A tape does not tell
// who made a channel, so that is everybody, but for the goroutines of other tests.
func (v *view) knowers(g *tape.Goroutine) *waitfor.Group {
	of := family(g.Test)
	all := v.groups[of]
	if all == nil {
		all = new(waitfor.Group)
		v.groups[of] = all
		for _, o := range v.living {
			if v.mayKnow(o, of) {
				all.Goroutines = append(all.Goroutines, o.ID)
			}
		}
	}
	return all
}

// mayKnow reports whether a goroutine may know what one of a test's family waits for.
func (v *view) mayKnow(o *tape.Goroutine, of string) bool {
	other := (v.basis == byFamily || o.Test != "" && of != "") && family(o.Test) != of
	return !other && !v.isOver(o) && !isService(o)
}

// likely are those of the knowers that wait for a lock which g holds meanwhile: one of
// them is who would go on and end the wait, for all that can be told. Of the others nobody
// is a reason of the wait.
func (v *view) likely(g *tape.Goroutine) (ids []uint64) {
	for _, h := range g.Held {
		for _, o := range v.waiters[keyOf(h.Object)] {
			if o != g && o.Wait.Mode.Conflicts(h.Mode) && v.mayKnow(o, family(g.Test)) {
				ids = append(ids, o.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// isWhole reports whether the goroutines that cannot move are all that the program has:
// then who waits to be sent something waits for nobody. A program that is told of
// signals may be woken by one.
func (v *view) isWhole(dead int) bool {
	all := 0
	for i := range v.Goroutines {
		g := &v.Goroutines[i]
		if g.Created.Site().Package() == "os/signal" || g.Start.Package() == "os/signal" {
			return false
		}
		if !isService(g) {
			all++
		}
	}
	return all == dead && v.Unseen == 0
}

// isOver reports whether nothing more is to be expected of a goroutine: it is a test that
// has ended, or the main goroutine of a program that has.
func (v *view) isOver(g *tape.Goroutine) bool {
	if v.basis != byFamily {
		return false
	}
	t := v.tests[g.Test]
	return g.ID == mainID && v.End == tape.Exited || isTesting(g) || t != nil && t.End != 0 && t.Goroutine == g.ID
}

// mainID is the runtime's id of the goroutine that runs main.main.
const mainID = 1
