package hang

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/waitfor"
)

// basis says which goroutines could end a wait for what is no lock, apart from those that
// wait.
type basis uint8

const (
	// owed: goroutines that hold locks, and those that wait groups wait for, where these
	// are known. Other waits may end at any time.
	owed basis = iota
	// written: also those of which the source shows that they alone could.
	written
	// used: also every living goroutine that has used the other side.
	used
	// unparked: also those that may know it by the census, but for those that wait in turn
	// in ways which the witness does not see.
	unparked
	// known: also every goroutine that may know it by the census.
	known
	// leftover: as known, of what is left when a test or the program is over: timers do not
	// count any more.
	leftover
	// asleep: no goroutine at all can go on.
	asleep
	// proven: as asleep, of the goroutines of which the collector has proven that, and those
	// that are known to hang.
	proven
	// unserved: as proven, of the goroutines of which the source shows it.
	unserved
)

// outsider stands for a goroutine that can always go on, where it is not known what ends
// a wait. No goroutine has that id.
const outsider = 0

// view is the goroutines that have waited for a while as parties of package waitfor.
type view struct {
	*facts
	basis   basis
	settled []int
	parties []waitfor.Party
	// guessed says that it is a guess which goroutines may know an object that a party waits for.
	guessed map[int]bool
}

// newView looks at the goroutines that have waited for at least enough, but for those that
// may go on for other reasons.
func (f *facts) newView(by basis, enough time.Duration, but map[int]bool) *view {
	v := &view{facts: f, basis: by, guessed: make(map[int]bool)}
	for i := range f.Goroutines {
		g := &f.Goroutines[i]
		switch {
		case g.Wait == nil, but[i], by != asleep && g.Wait.Lasted < enough, by >= proven && !f.lost[g.ID], by == owed && !f.isOwed(g):
		default:
			v.settled = append(v.settled, i)
		}
	}
	for _, i := range v.settled {
		v.parties = append(v.parties, v.party(i))
	}
	return v
}

func (v *view) party(i int) waitfor.Party {
	g := &v.Goroutines[i]
	p := waitfor.Party{Goroutine: g.ID}
	if v.basis >= asleep {
		p.Ways = v.lostWays(i)
		return p
	}
	if lock, ok := g.Wait.lock(); ok {
		if !v.dead[i] {
			p.Ways = v.lockWays(i, lock)
		}
		return p
	}
	if len(g.Wait.All) > 0 {
		p.Ways = [][]uint64{g.Wait.All}
		return p
	}
	for _, c := range g.Wait.Cases {
		v.addWays(&p, i, c)
	}
	if g.Wait.MoreCases {
		p.Maybe = append(p.Maybe, outsider)
	}
	return p
}

// lockWays are the ways in which the i-th may get its lock: of goroutines that are not sure
// to hold it, each is one.
func (v *view) lockWays(i int, lock judge.Object) (ways [][]uint64) {
	for _, j := range v.holders[lock] {
		if h := v.holdOf(j, lock); h.Unsure && isExcluded(v.Goroutines[i].Wait, h) {
			ways = append(ways, []uint64{v.Goroutines[j].ID})
		}
	}
	way := v.lockWay(i, lock)
	if isOpen := len(way) == 1 && way[0] == outsider; way != nil && !(isOpen && len(ways) > 0) {
		ways = append(ways, way)
	}
	return ways
}

// lockWay is the goroutines that must go on before the i-th gets its lock. A reader that
// no holder keeps out waits behind the writer that came first. Holders that may not be the
// ones to release the lock keep the way open, unless all are asleep: then there is no way if
// only the goroutine itself holds it so, or none does.
func (v *view) lockWay(i int, lock judge.Object) (ids []uint64) {
	g := &v.Goroutines[i]
	mayBeOpen := v.basis != asleep
	if g.Wait.Unowned && mayBeOpen {
		return []uint64{outsider}
	}
	shared := false
	for _, j := range v.holders[lock] {
		h := v.holdOf(j, lock)
		switch {
		case h.Unowned && mayBeOpen:
			return []uint64{outsider}
		case h.Unowned && j == i, h.Unsure && isExcluded(g.Wait, h):
		case isExcluded(g.Wait, h):
			ids = append(ids, v.Goroutines[j].ID)
		default:
			shared = true
		}
	}
	if ids == nil && shared {
		if w, waits := v.firstWriter(lock); waits {
			return []uint64{w}
		}
	}
	if ids == nil && mayBeOpen {
		return []uint64{outsider}
	}
	return ids
}

// isExcluded reports whether a hold keeps the waiting goroutine out.
func isExcluded(w *Wait, h *judge.Hold) bool {
	mode := lockorder.Exclusive
	if w.Mode == finding.Shared {
		mode = lockorder.Shared
	}
	return mode.Conflicts(h.Mode)
}

// firstWriter returns the writer that has waited longest for a lock.
func (v *view) firstWriter(lock judge.Object) (id uint64, waits bool) {
	for _, j := range v.waiters[lock] {
		if g := &v.Goroutines[j]; g.Wait.Mode == finding.Exclusive {
			return g.ID, true
		}
	}
	return 0, false
}

// addWays adds the ways in which a case can become ready, and the goroutines that might
// make it so.
func (v *view) addWays(p *waitfor.Party, i int, c Case) {
	if c.External {
		p.Maybe = append(p.Maybe, outsider)
		return
	}
	if c.Object == nil {
		return
	}
	u := v.usersOf(c)
	owers := v.owers[c.Object]
	if u.Owed || v.basis == owed {
		p.Ways = append(p.Ways, owers)
		return
	}
	if v.basis == written {
		v.addServices(p, i, c)
		return
	}
	seen, maybe := v.helpers(p, i, c, u)
	if owers == nil {
		for _, id := range seen {
			p.Ways = append(p.Ways, []uint64{id})
		}
		p.Maybe = append(p.Maybe, maybe...)
		return
	}
	// All that owe the group must end, and another goroutine must call Done besides.
	for _, id := range slices.Concat(seen, maybe) {
		p.Ways = append(p.Ways, append([]uint64{id}, owers...))
	}
}

// addServices adds the goroutines that alone could make a case ready, the waiting one included
// if it is one of them.
func (v *view) addServices(p *waitfor.Party, i int, c Case) {
	ids, known := v.Knowledge.Services(&v.Goroutines[i], c)
	if !known {
		p.Maybe = append(p.Maybe, outsider)
		return
	}
	for _, id := range ids {
		p.Ways = append(p.Ways, []uint64{id})
	}
}

func (f *facts) usersOf(c Case) Users {
	u, asked := f.users[c]
	if !asked {
		u = f.Knowledge.Users(c)
		f.users[c] = u
	}
	return u
}

// helpers are the goroutines by which a case of the i-th can become ready: those seen to
// use the other side, and those that may do so as far as is known. Of the latter those
// count as seen that most likely would, where no other goroutine is left.
func (v *view) helpers(p *waitfor.Party, i int, c Case, u Users) (seen, maybe []uint64) {
	g := &v.Goroutines[i]
	others := func(ids []uint64) []uint64 { return v.without(ids, g.ID) }
	seen = others(u.Living)
	if u.Timers && v.basis < leftover || u.More {
		maybe = append(maybe, outsider)
	}
	if (u.Still || g.OnlyGlobals) && len(seen) == 0 {
		seen = v.needing(g, u)
	}
	if v.basis <= used || v.census == nil {
		return seen, maybe
	}
	if !v.census.Complete {
		v.guessed[i] = true
		return seen, append(maybe, outsider)
	}
	k := v.knowersOf(c.Object)
	if k.everybody {
		v.guessed[i] = true
		if v.owers[c.Object] == nil {
			p.Group = v.group(g.Group)
		} else {
			maybe = append(maybe, outsider) // one of many, and all that owe it
		}
		if len(seen) == 0 {
			seen = v.needing(g, u)
		}
		return seen, maybe
	}
	maybe = append(maybe, others(k.strangers)...)
	likely := k.likely
	if len(seen) == 0 {
		// The goroutine itself counts here: where only it and one that joins a group may know
		// the object, none is left to end its wait.
		seen, likely = v.mostLikely(g, u, likely)
		seen = others(seen)
	}
	return seen, append(maybe, others(likely)...)
}

// without returns the goroutines that could help one, by the basis.
func (v *view) without(ids []uint64, self uint64) (rest []uint64) {
	for _, id := range ids {
		if id != self && !v.isParked(id) {
			rest = append(rest, id)
		}
	}
	return rest
}

// isParked reports whether the basis leaves a goroutine out since it waits in a way that
// the witness does not see.
func (v *view) isParked(id uint64) bool {
	_, waits := v.joins[id]
	return v.basis == unparked && !waits && v.census.Living[id].Parked
}

// mostLikely takes out of the goroutines that may know an object those that would use it,
// as far as is known: a goroutine that needs a lock which the waiting one holds would go on
// and end the wait; one that waits for a group to end has done its part, unless there is
// no other.
func (v *view) mostLikely(g *Goroutine, u Users, ids []uint64) (likely, others []uint64) {
	needing := v.needing(g, u)
	split := func(fits func(id uint64) bool) {
		likely, others = nil, nil
		for _, id := range ids {
			if fits(id) {
				likely = append(likely, id)
			} else {
				others = append(others, id)
			}
		}
	}
	if split(func(id uint64) bool { return slices.Contains(needing, id) }); likely != nil {
		return likely, others
	}
	if split(func(id uint64) bool { return !v.joins[id] }); likely != nil {
		return likely, others
	}
	return others, nil
}

// needing are the goroutines that need a lock which g holds, but for those that would only do
// what g does.
func (v *view) needing(g *Goroutine, u Users) []uint64 {
	return slices.DeleteFunc(v.needingLocksOf(g), func(id uint64) bool { return slices.Contains(u.Queue, id) })
}

// needingLocksOf are the goroutines that wait for a lock which g holds.
func (v *view) needingLocksOf(g *Goroutine) (ids []uint64) {
	for i := range g.Holds {
		h := &g.Holds[i]
		for _, j := range v.waiters[h.Lock] {
			o := &v.Goroutines[j]
			if o.ID != g.ID && isExcluded(o.Wait, h) && v.mayKnow(o, g) {
				ids = append(ids, o.ID)
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// mayKnow reports whether a goroutine may know what another one waits for.
func (v *view) mayKnow(o, waits *Goroutine) bool {
	if v.census == nil {
		return o.Group == waits.Group || o.Group == "" || waits.Group == ""
	}
	p, living := v.census.Living[o.ID]
	return living && v.census.mayKnow(p, waits.Group)
}

// knowersOf returns the living goroutines that may know an object.
func (v *view) knowersOf(o judge.Object) *knowers {
	k := v.knowers[o]
	if k != nil {
		return k
	}
	k = new(knowers)
	v.knowers[o] = k
	origins, isKnown := v.Knowledge.Origins(o)
	if k.everybody = !isKnown; k.everybody || v.census == nil {
		return k
	}
	roots := make(map[uint64]bool)
	for _, id := range origins {
		roots[id] = true
	}
	for id := range v.census.Living {
		switch v.census.descent(id, roots) {
		case fromRoot:
			k.likely = append(k.likely, id)
		case fromUnknown:
			k.strangers = append(k.strangers, id)
		}
	}
	slices.Sort(k.likely)
	slices.Sort(k.strangers)
	return k
}

// group is every living goroutine that may know an object without an origin.
func (v *view) group(of string) *waitfor.Group {
	if v.census == nil {
		return nil
	}
	key := groupKey{of, v.basis == unparked}
	all := v.groups[key]
	if all == nil {
		all = new(waitfor.Group)
		v.groups[key] = all
		for id, p := range v.census.Living {
			if v.census.mayKnow(p, of) && !v.isParked(id) {
				all.Goroutines = append(all.Goroutines, id)
			}
		}
	}
	return all
}
