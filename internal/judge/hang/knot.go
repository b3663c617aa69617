package hang

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/waitfor"
)

// knot is a set of goroutines that, as far as is known, wait for each other or for no
// goroutine at all, for ever.
type knot struct {
	v *view
	// members, ring and victims are those of waitfor.Knot, as indexes of the look's
	// goroutines.
	members, ring, victims []int
	// whole says that all goroutines of the program are in such knots or wait for them.
	whole bool
	// awaitsChildren says that the first member has started goroutines that cannot go on
	// either: it may well wait for those.
	awaitsChildren bool
	// doubted are the members for which the knot is not believed, nil for all. A belief sets them.
	doubted []int
}

func (v *view) knots() (all []*knot) {
	dead := make(map[int]*knot)
	for _, k := range waitfor.Knots(v.parties) {
		one := &knot{v: v, members: v.at(k.Members), ring: v.at(k.Ring), victims: v.at(k.Victims)}
		for _, i := range slices.Concat(one.members, one.victims) {
			dead[i] = one
		}
		all = append(all, one)
	}
	whole := v.census != nil && v.census.Closed && v.census.Complete && len(dead) == len(v.census.Living)
	for _, k := range all {
		k.whole = whole
		k.awaitsChildren = slices.ContainsFunc(v.children[v.Goroutines[k.members[0]].ID], func(i int) bool {
			return dead[i] != nil
		})
	}
	return all
}

func (v *view) at(parties []int) (list []int) {
	for _, i := range parties {
		list = append(list, v.settled[i])
	}
	return list
}

func (k *knot) goroutine(i int) *Goroutine { return &k.v.Goroutines[i] }

// any reports whether one of the goroutines fits.
func (k *knot) any(of []int, fits func(g *Goroutine) bool) bool {
	return slices.ContainsFunc(of, func(i int) bool { return fits(k.goroutine(i)) })
}

func isLock(g *Goroutine) bool { return g.Wait.IsLock() }

func isNothing(g *Goroutine) bool { return g.Wait.isNothing() }

func isNoLock(g *Goroutine) bool { return !g.Wait.IsLock() }

// onlyLocks reports whether nothing but locks takes part.
func (k *knot) onlyLocks() bool { return !k.any(k.members, isNoLock) }

// isMixed reports whether one waits for a lock that another one of the cycle holds, while
// each of the others waits for one that is known. A pool of workers without work never
// looks like that.
func (k *knot) isMixed() bool {
	among := k.ring
	if k.v.Inferred { // which goroutines could end a wait is a guess, and with it which cycle it is
		among = k.members
	}
	return len(k.ring) > 1 && k.any(among, isLock)
}

// isSelf reports whether it is a goroutine that waits for a lock which it holds itself.
func (k *knot) isSelf() bool { return len(k.ring) == 1 && k.any(k.ring, isLock) }

// isHeld reports whether each in the cycle waits for locks that others in it hold. A
// reader that waits behind a writer may have been let in already.
func (k *knot) isHeld() bool {
	if len(k.ring) < 2 {
		return false
	}
	for _, i := range k.ring {
		w := k.goroutine(i).Wait
		lock, ok := w.lock()
		if !ok || !slices.ContainsFunc(k.ring, func(j int) bool {
			h := k.v.holdOf(j, lock)
			return h != nil && j != i && isExcluded(w, h)
		}) {
			return false
		}
	}
	return true
}

// isProven reports whether the collector has proven that no member can be woken.
func (k *knot) isProven() bool {
	return !k.any(k.members, func(g *Goroutine) bool { return g.Proof != Unreachable })
}

// isAwaited reports whether goroutines that cannot be woken keep each other waiting, or the
// program or a test. Others are leaks.
func (k *knot) isAwaited() bool {
	awaited := func(g *Goroutine) bool { return g.Awaited }
	return len(k.ring) > 0 || k.any(k.members, awaited) || k.any(k.victims, awaited)
}

// isNothing reports whether it is a goroutine that waits for nil channels, or in a select
// without cases: that is for ever.
func (k *knot) isNothing() bool {
	return len(k.members) == 1 && isNothing(k.goroutine(k.members[0]))
}

// isForever reports whether it is a goroutine in a select without cases.
func (k *knot) isForever() bool { return k.isNothing() && !k.isNilChannel() }

// staysForChildren reports whether it is a goroutine that may wait for goroutines which it has
// started, for all that is known, and which cannot go on.
func (k *knot) staysForChildren() bool { return k.isForever() || len(k.ring) == 0 && k.awaitsChildren }

// isMeant reports whether it is a goroutine in a select without cases, which keeps no
// other one waiting.
func (k *knot) isMeant() bool { return k.isForever() && len(k.victims) == 0 }

// isStay reports whether it is the program's main goroutine, which waits for what only its
// own function has, and keeps no other one waiting: as if in a select without cases.
func (k *knot) isStay() bool {
	if len(k.members) != 1 || len(k.victims) > 0 || k.v.basis == asleep {
		return false
	}
	g := k.goroutine(k.members[0])
	return g.Awaited && g.Group == "" && g.Wait.Alone && !g.Wait.IsLock()
}

// isNilChannel reports whether it is a goroutine that waits for nil channels.
func (k *knot) isNilChannel() bool {
	return k.isNothing() && len(k.goroutine(k.members[0]).Wait.Cases) > 0
}

// nilCertainty is that of a goroutine at nil channels that keeps no other one waiting: to wait
// for ever may be meant, to send for ever is not.
func (k *knot) nilCertainty() finding.Certainty {
	if k.goroutine(k.members[0]).Wait.IsReceive() {
		return finding.Suspected
	}
	return finding.Potential
}

// isIdle reports whether all members wait to be sent something.
func (k *knot) isIdle() bool {
	return !k.any(k.members, func(g *Goroutine) bool { return !g.Wait.IsReceive() })
}

// anyCase reports whether a case of what is no lock fits.
func (k *knot) anyCase(fits func(g *Goroutine, c Case) bool) bool {
	return k.any(k.members, func(g *Goroutine) bool { return anyCaseOf(g, func(c Case) bool { return fits(g, c) }) })
}

func anyCaseOf(g *Goroutine, fits func(c Case) bool) bool {
	return isNoLock(g) && slices.ContainsFunc(g.Wait.Cases, func(c Case) bool { return c.Object != nil && fits(c) })
}

// isFirst reports whether one of the members waits for a partner where there never was
// one: the first may be about to come.
func (k *knot) isFirst() bool {
	return k.anyCase(func(_ *Goroutine, c Case) bool { return !k.v.usersOf(c).Ever })
}

// onlySends reports whether all that wait for a channel wait to send. A receiver that was
// never seen before is rare; a goroutine that closes, which ends a receive, is new mostly.
func (k *knot) onlySends() bool {
	return !k.anyCase(func(_ *Goroutine, c Case) bool { return c.Mode != finding.Send })
}

// isReached reports whether a waiter that no goroutine in a cycle keeps waiting may
// be helped after all: a goroutine that can run leads to what it waits for, which the
// census has not shown. In a cycle such a goroutine would have to come between.
func (k *knot) isReached() bool {
	return len(k.ring) == 0 && k.any(k.members, func(g *Goroutine) bool { return g.Reached && isNoLock(g) })
}

// isCounted reports whether a goroutine waits for a wait group while it keeps as many of the
// goroutines that it has started from a lock as the group waits for: no other one is needed
// to explain that none of them is done.
func (k *knot) isCounted() bool {
	return k.isMixed() && k.any(k.ring, func(g *Goroutine) bool {
		if g.Wait.Dones == 0 {
			return false
		}
		kept := 0
		for _, id := range k.v.needingLocksOf(g) {
			if slices.ContainsFunc(k.v.children[g.ID], func(i int) bool { return k.goroutine(i).ID == id }) {
				kept++
			}
		}
		return kept >= g.Wait.Dones
	})
}

// isBehindGlobals reports whether nothing but global variables leads to what the members
// wait for, but for locks.
func (k *knot) isBehindGlobals() bool {
	return !k.any(k.members, func(g *Goroutine) bool { return isNoLock(g) && !g.OnlyGlobals })
}

// certainty is observed only where each in the cycle holds or owes what the one before
// waits for: which other goroutines may know a channel is an approximation, and another
// goroutine may release a lock for the one that holds it.
func (k *knot) certainty() finding.Certainty { return min(k.ofBasis(), k.ofHolds()) }

// ofHolds is the most that can be claimed by what the holds rest on.
func (k *knot) ofHolds() finding.Certainty {
	switch {
	case !k.v.Inferred:
		return finding.Observed
	case k.isProven():
		return finding.Potential
	case k.v.basis != owed || k.isUnsure():
		return finding.Suspected
	}
	return finding.Potential
}

// isUnsure reports whether it is not sure that a goroutine of the cycle holds what another
// one waits for.
func (k *knot) isUnsure() bool {
	return k.any(k.ring, func(g *Goroutine) bool {
		lock, ok := g.Wait.lock()
		return ok && k.any(k.ring, func(o *Goroutine) bool {
			return slices.ContainsFunc(o.Holds, func(h judge.Hold) bool { return h.Lock == lock && h.Unsure })
		})
	})
}

// ofBasis is what the basis allows to claim.
func (k *knot) ofBasis() finding.Certainty {
	switch {
	case k.isNilChannel() && len(k.victims) == 0 && k.v.basis != asleep:
		return k.nilCertainty()
	case k.v.basis == asleep, k.v.basis == owed && !k.isSelf() && !k.isGiven(), k.v.basis == proven && k.isHeld():
		return finding.Observed
	case k.isProven():
		return finding.Proven
	case k.isSelf() && k.isGiven():
		return finding.Suspected // that is how a lock is given away on purpose
	case k.isSelf(), k.v.basis == owed, k.v.basis == unserved:
		return finding.Potential
	case k.isReached():
		return finding.Suspected
	case k.isCounted(), k.v.basis == written:
		return finding.Potential
	case k.v.basis == used && k.onlySends(), k.v.basis == known && !k.isIdle() && !k.isFirst():
		return finding.Potential
	case k.v.basis > used && k.isMixed() && k.isBehindGlobals():
		return finding.Potential
	}
	return finding.Suspected
}
