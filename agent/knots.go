//go:build !concdoctor_off

package agent

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/lockorder"
	"github.com/concdoctor/concdoctor/agent/waitfor"
)

// analyze looks for knots among goroutines that have waited for a while. It reports
// whether there is one that may be an accident of the moment, to be looked at again.
//
// Circles of locks alone are the registry's, which has reported them in the moment
// in which they closed. Circles in which it is known of everybody who must go on
// before whom are certain, whoever else there is.
func (w *watch) analyze(settled []sighting) (doubt bool) {
	lost := w.abandonedHolds()
	for i := range settled {
		s := &settled[i]
		if a := s.waitsForTheDead(lost); a != nil && s.isStill() {
			w.found = append(w.found, abandonedFinding(s, a, time.Now()))
		}
	}
	known := newView(settled, nil)
	var suspects []knot
	for _, k := range known.knots() {
		switch {
		case k.onlyLocks() || w.reported(k):
		case k.isExact():
			w.report(k)
		default:
			suspects = append(suspects, k)
		}
	}
	if suspects == nil {
		return false
	}
	isolated := newView(settled, takeCensus()).knots()
	for _, k := range isolated {
		if !k.onlyLocks() && !w.reported(k) {
			w.report(k)
		}
	}
	for _, k := range suspects {
		switch {
		case w.reported(k):
		case k.isMixed():
			w.report(k)
		default:
			doubt = true
		}
	}
	return doubt
}

// report reports a knot whose members have not moved meanwhile.
func (w *watch) report(k knot) {
	for _, s := range k.members {
		if !s.isStill() {
			return
		}
	}
	if w.knotted == nil {
		w.knotted = make(map[*goroutine]uint64)
	}
	for _, s := range k.members {
		w.knotted[s.g] = s.turn
	}
	w.found = append(w.found, k.finding(time.Now()))
}

// reported reports whether one of the members was in a knot that was reported.
func (w *watch) reported(k knot) bool {
	return slices.ContainsFunc(k.members, func(s *sighting) bool { return w.knotted[s.g] == s.turn })
}

// isStill reports whether the goroutine is in the same wait still.
func (s *sighting) isStill() bool { return s.g.blocked.turn.Load() == s.turn }

// waitsForTheDead returns the hold that the goroutine waits for if its owner has
// ended. A lock that was handed over before is used as a semaphore: no doubt, its
// holder may come and go.
func (s *sighting) waitsForTheDead(lost []abandoned) *abandoned {
	if s.lock == nil || s.lock.origin.semaphore.Load() {
		return nil
	}
	for i := range lost {
		if h := &lost[i].hold; h.lock == s.lock && conflict(h.mode, s.mode) {
			return &lost[i]
		}
	}
	return nil
}

// view is all settled goroutines as parties of package waitfor.
type view struct {
	settled []sighting
	parties []waitfor.Party
	holders map[*lock][]int     // who of settled holds a lock
	debtors map[*group][]uint64 // who of settled owes a wait group its Done
	// census, if not nil, adds those who may know a channel without having used it.
	census *census
}

func newView(settled []sighting, c *census) *view {
	v := &view{settled: settled, holders: make(map[*lock][]int), debtors: make(map[*group][]uint64), census: c}
	for i := range settled {
		if owes := settled[i].owes; owes != nil {
			v.debtors[owes] = append(v.debtors[owes], settled[i].id)
		}
		for j := range settled[i].holds {
			if h := &settled[i].holds[j]; h.holdsStill() {
				v.holders[h.lock] = append(v.holders[h.lock], i)
			}
		}
	}
	for i := range settled {
		v.parties = append(v.parties, v.party(&settled[i]))
	}
	return v
}

func (v *view) knots() (all []knot) {
	for _, k := range waitfor.Knots(v.parties) {
		all = append(all, knot{
			members: v.sightings(k.Members), ring: v.sightings(k.Ring), victims: v.sightings(k.Victims),
			isolated: v.census != nil,
		})
	}
	return all
}

func (v *view) sightings(indexes []int) (list []*sighting) {
	for _, i := range indexes {
		list = append(list, &v.settled[i])
	}
	return list
}

func (v *view) party(s *sighting) waitfor.Party {
	p := waitfor.Party{Goroutine: s.id}
	if s.lock != nil {
		p.Ways = [][]uint64{v.lockHolders(s)}
	}
	for _, c := range s.cases {
		p.Ways = append(p.Ways, v.waysOf(s, c)...)
	}
	return p
}

// somebody stands for a goroutine that can always go on, where it is not known
// what ends a wait.
const somebody = 0

// lockHolders are those who must go on before s gets its lock. A holder that does
// not wait is not among the settled and needs no mention.
func (v *view) lockHolders(s *sighting) (ids []uint64) {
	for _, i := range v.holders[s.lock] {
		holder := &v.settled[i]
		for j := range holder.holds {
			if h := &holder.holds[j]; h.lock == s.lock && conflict(h.mode, s.mode) {
				ids = append(ids, holder.id)
				break
			}
		}
	}
	if ids == nil || s.lock.origin.semaphore.Load() {
		return []uint64{somebody}
	}
	return ids
}

// waysOf are the ways in which a case can become ready.
func (v *view) waysOf(s *sighting, c waitCase) [][]uint64 {
	if c.subject == nil {
		return [][]uint64{{somebody}}
	}
	if c.subject.group != nil {
		return v.groupWays(s, c)
	}
	return v.usersWays(s, c)
}

// groupWays are the ways in which a wait group's count gets to zero: each goroutine
// that Go started must end, so there is one way with all of them. Those that do not
// wait need no mention. Where Add was called too, somebody must call Done besides.
func (v *view) groupWays(s *sighting, c waitCase) [][]uint64 {
	debtors := v.debtors[c.subject.group]
	if !c.subject.group.anonymous.Load() {
		return [][]uint64{debtors}
	}
	ways := v.usersWays(s, c)
	for i := range ways {
		ways[i] = append(ways[i], debtors...)
	}
	return ways
}

// usersWays are one way for each living goroutine that has used the other side, and
// with a census for each that may know of it.
func (v *view) usersWays(s *sighting, c waitCase) (ways [][]uint64) {
	users, many := c.subject.sides[c.at].alive()
	if many {
		return [][]uint64{{somebody}}
	}
	for _, u := range users {
		if u.id != s.id {
			ways = append(ways, []uint64{u.id})
		}
	}
	if v.census != nil {
		for _, id := range v.census.knowers(c.subject) {
			if id != s.id {
				ways = append(ways, []uint64{id})
			}
		}
	}
	return ways
}

// conflict reports whether a lock held in one mode keeps out a request in the other.
func conflict(a, b lockorder.Mode) bool { return a == lockorder.Exclusive || b == lockorder.Exclusive }
