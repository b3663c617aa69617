package verdict

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// hang is a finding about goroutines that do not go on.
type hang struct {
	finding.Finding
	// who are those that it rests on.
	who []*tape.Goroutine
}

// hangs returns what keeps goroutines from going on for ever, the surest first.
func (s *scene) hangs(enough time.Duration) []hang {
	h := &hanging{scene: s, enough: enough, told: make(map[uint64]bool)}
	if s.End == tape.Asleep {
		h.copied()
		all := newView(s, bySleep, 0).knots()
		h.take(all, func(k *knot) bool { return k.asleep() && !k.isNil() })
		if len(h.found) == 0 {
			h.take(all, (*knot).asleep)
		}
		return h.found
	}
	h.abandoned()
	h.copied()
	if s.isOneMoment {
		// A goroutine says that it has a lock after it got it, and that it releases the lock
		// before it does: of one moment, a circle of holders needs no time to be believed. Who
		// waits for itself may yet be helped by another, unless it was proven lost or the
		// program is over.
		h.take(newView(s, byUse, 0).knots(), func(k *knot) bool {
			return k.locked() && (k.isHeld() || k.isLeaked() || len(k.ring) == 1 && s.End == tape.Exited)
		})
	}
	if s.End != tape.Exited { // else who is lost was left behind
		h.take(newView(s, byProof, 0).knots(), (*knot).isAwaited)
	}
	used := newView(s, byUse, enough).knots()
	h.take(used, (*knot).locked)
	h.take(newView(s, byCensus, enough).knots(), (*knot).counted)
	h.take(used, (*knot).isMixed)
	return h.found
}

// hanging collects hangs: of each goroutine the first.
type hanging struct {
	*scene
	enough time.Duration
	told   map[uint64]bool
	found  []hang
}

// asleep takes those of goroutines that do not just wait for what they have started.
func (k *knot) asleep() bool { return len(k.ring) > 0 || !k.awaitsChildren }

// isAwaited takes those of lost goroutines that keep each other waiting, or the program or
// a test. Others are leaks.
func (k *knot) isAwaited() bool {
	return len(k.ring) > 0 || slices.ContainsFunc(slices.Concat(k.members, k.victims), func(g *tape.Goroutine) bool {
		t := k.v.tests[g.Test]
		return !isTesting(g) && (g.ID == mainID || t != nil && t.End == 0 && t.Goroutine == g.ID)
	})
}

// locked takes those of locks only: a circle, or a goroutine that waits for itself.
func (k *knot) locked() bool { return k.onlyLocks() && len(k.ring) > 0 }

// counted takes those that a census shows: who waits to be sent something may just have
// nothing to do, unless it keeps others from a lock meanwhile, or there is nobody else.
func (k *knot) counted() bool {
	switch {
	case k.onlyLocks():
		return false
	case k.isMixed() || !k.isIdle() && k.certainty() > finding.Suspected:
		return true
	}
	return k.whole && !k.awaitsChildren && !isTesting(k.members[0])
}

func (h *hanging) take(knots []*knot, fits func(*knot) bool) {
	for _, k := range knots {
		known := slices.ContainsFunc(k.members, func(g *tape.Goroutine) bool { return h.told[g.ID] })
		certain := k.v.basis == bySleep || k.v.basis == byProof
		if known || !fits(k) || !certain && (k.isNil() || !k.isBelieved(h.enough)) {
			continue
		}
		for _, g := range k.members {
			h.told[g.ID] = true
		}
		h.found = append(h.found, hang{k.finding(), k.members})
	}
}

// abandoned takes the waits for locks whose holders have ended.
func (h *hanging) abandoned() {
	for i := range h.Goroutines {
		g := &h.Goroutines[i]
		if g.Wait == nil || h.waited(g) < int64(h.enough) {
			continue
		}
		if m := h.waitsForTheDead(g); m != nil {
			h.told[g.ID] = true
			h.found = append(h.found, hang{h.scene.abandoned(g, m), []*tape.Goroutine{g}})
		}
	}
}
