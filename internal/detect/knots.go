package detect

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/waitfor"
)

// analyze looks for knots among goroutines that have waited for a while. It reports
// whether there is one that may be an accident of the moment, to be looked at again.
//
// Circles of locks alone are the registry's, which has reported them in the moment
// in which they closed. Circles in which it is known of everybody who must go on
// before whom are certain, whoever else there is.
func (w *watch) analyze(settled []sighting, now time.Time, patience time.Duration) (doubt bool) {
	lost := w.abandonedHolds()
	for i := range settled {
		s := &settled[i]
		a := s.waitsForTheDead(lost)
		s.hopeless = a != nil
		if a != nil && s.isStill() && w.knotted[s.g] != s.turn {
			w.found = append(w.found, abandonedFinding(s, a, now))
		}
	}
	var c *census
	if !gid.Fast { // only a census knows who has ended
		if c = w.takeCensus(); c == nil {
			return true
		}
	}
	var suspects []knot
	for _, k := range w.unknown(newView(settled, c, byUse).knots()) {
		if k.isExact() {
			w.report(k, now)
		} else {
			suspects = append(suspects, k)
		}
	}
	w.suspect(suspects)
	if suspects == nil {
		return false
	}
	if c = w.takeCensus(); c == nil {
		return true
	}
	for _, k := range w.unknown(newView(settled, c, byCensus).knots()) {
		if k.isBelieved(now, patience) {
			w.report(k, now)
		}
	}
	w.reportMixed(newView(settled, c, byQuiet).knots(), now)
	w.reportMixed(suspects, now)
	return len(w.unknown(suspects)) > 0
}

// censusRest is how much longer than a census the pause after it lasts: the census
// stops the world, for some milliseconds with ten thousand goroutines.
const censusRest = 100

// takeCensus returns the census of this look, or nil if it is too early for one: then
// the look does not count.
func (w *watch) takeCensus() *census {
	if began := time.Now(); w.census == nil && !began.Before(w.nextCensus) {
		w.census = takeCensus()
		w.nextCensus = began.Add(censusRest * time.Since(began))
	}
	if w.census == nil {
		w.doubts++
	}
	return w.census
}

// suspicion is for how many looks a wait has been part of a suspicious knot.
type suspicion struct {
	turn  uint64
	looks int
}

// suspect counts one more look for the members of the knots.
func (w *watch) suspect(knots []knot) {
	suspects := make(map[*Goroutine]suspicion)
	for _, k := range knots {
		for _, s := range k.members {
			now := w.suspects[s.g]
			if now.turn != s.turn {
				now = suspicion{turn: s.turn}
			}
			now.looks++
			suspects[s.g] = now
		}
	}
	w.suspects = suspects
}

// reportMixed reports knots that the census does not prove, where locks take part:
// a goroutine that keeps others from a lock for so long is no worker without work.
// Whoever could help may be there only for a moment, hence the looks.
func (w *watch) reportMixed(knots []knot, now time.Time) {
	for _, k := range w.unknown(knots) {
		young := slices.ContainsFunc(k.members, func(s *sighting) bool {
			return s.lock == nil && w.suspects[s.g].looks < maxDoubts
		})
		if k.isMixed() && !young {
			w.report(k, now)
		}
	}
}

// unknown returns those of the knots that are the watch's to report.
func (w *watch) unknown(knots []knot) (left []knot) {
	for _, k := range knots {
		if !k.onlyLocks() && !k.isNil() && !w.reported(k) {
			left = append(left, k)
		}
	}
	return left
}

// report reports a knot whose members have not moved meanwhile.
func (w *watch) report(k knot, now time.Time) {
	for _, s := range k.members {
		if !s.isStill() {
			return
		}
	}
	if w.knotted == nil {
		w.knotted = make(map[*Goroutine]uint64)
	}
	for _, s := range k.members {
		w.knotted[s.g] = s.turn
	}
	w.found = append(w.found, k.finding(now))
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
		if h := &lost[i].hold; h.lock == s.lock && s.mode.Conflicts(h.mode) {
			return &lost[i]
		}
	}
	return nil
}

// basis says who could end a wait for a channel or the like, apart from the settled.
type basis uint8

const (
	// byUse: whoever is alive and has used its other side.
	byUse basis = iota
	// byQuiet: also who may know it by the census, but nobody who waits in turn for
	// something that the agent does not see.
	byQuiet
	// byCensus: also everybody who may know it by the census.
	byCensus
)

// view is all settled goroutines as parties of package waitfor.
type view struct {
	settled []sighting
	parties []waitfor.Party
	holders map[*lockRecord][]int     // who of settled holds a lock
	debtors map[*groupRecord][]uint64 // who of settled owes a wait group its Done
	waits   map[uint64]bool           // the goroutines of settled
	joins   map[uint64]bool           // those of them that wait for a wait group
	census  *census                   // may be nil for byUse
	basis   basis
}

func newView(settled []sighting, c *census, by basis) *view {
	v := &view{
		settled: settled, census: c, basis: by,
		holders: make(map[*lockRecord][]int), debtors: make(map[*groupRecord][]uint64), waits: make(map[uint64]bool), joins: make(map[uint64]bool),
	}
	for i := range settled {
		v.waits[settled[i].id] = true
		v.joins[settled[i].id] = settled[i].op == opWaitGroup
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
			members: v.sightings(k.Members), ring: v.sightings(k.Ring), victims: v.sightings(k.Victims), basis: v.basis,
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
	if s.lock != nil && !s.hopeless {
		p.Ways = [][]uint64{v.lockHolders(s)}
	}
	for _, c := range s.cases {
		ways, maybe := v.waysOf(s, c)
		p.Ways = append(p.Ways, ways...)
		p.Maybe = append(p.Maybe, maybe...)
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
			if h := &holder.holds[j]; h.lock == s.lock && s.mode.Conflicts(h.mode) {
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

// waysOf are the ways in which a case can become ready, and who else might do it.
func (v *view) waysOf(s *sighting, c WaitCase) (ways [][]uint64, maybe []uint64) {
	if c.subject == nil {
		return nil, []uint64{somebody}
	}
	if c.subject.group != nil {
		return v.groupWays(s, c), nil
	}
	users, maybe := v.users(s, c)
	for _, id := range users {
		ways = append(ways, []uint64{id})
	}
	return ways, maybe
}

// groupWays are the ways in which a wait group's count gets to zero: each goroutine
// that Go started must end, so there is one way with all of them. Those that do not
// wait need no mention. Where Add was called too, somebody must call Done besides.
func (v *view) groupWays(s *sighting, c WaitCase) (ways [][]uint64) {
	debtors := v.debtors[c.subject.group]
	if !c.subject.group.anonymous.Load() {
		return [][]uint64{debtors}
	}
	users, maybe := v.users(s, c)
	for _, id := range append(users, maybe...) {
		ways = append(ways, append([]uint64{id}, debtors...))
	}
	return ways
}

// users are those by whom a case can become ready: each living goroutine that has
// used the other side. With a census also each that may know of it; they are a
// reason of the wait only where nobody was seen on the other side.
func (v *view) users(s *sighting, c WaitCase) (seen, maybe []uint64) {
	users, many := c.subject.sides[c.at].alive()
	if many {
		return nil, []uint64{somebody}
	}
	for _, u := range users {
		if v.census == nil || v.census.lives(u.id) {
			seen = append(seen, u.id)
		}
	}
	if v.basis != byUse {
		kin, strangers := v.census.knowers(c.subject)
		maybe = strangers
		if len(seen) == 0 {
			seen, kin = v.likely(kin)
		}
		maybe = append(maybe, kin...)
	}
	return v.helpers(s, seen), v.helpers(s, maybe)
}

// likely takes out of those who may know a subject the ones that would use it, for all
// that can be told: one that waits for a group to end has done its part, unless there
// is nobody else.
func (v *view) likely(kin []uint64) (likely, others []uint64) {
	for _, id := range kin {
		if v.joins[id] {
			others = append(others, id)
		} else {
			likely = append(likely, id)
		}
	}
	if len(likely) == 0 {
		return others, nil
	}
	return likely, others
}

// helpers returns who of those could help s, by the view's basis.
func (v *view) helpers(s *sighting, ids []uint64) []uint64 {
	return slices.DeleteFunc(ids, func(id uint64) bool {
		return id == s.id || v.basis == byQuiet && !v.waits[id] && v.census.parked[id]
	})
}
