package verdict

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// knot is a set of goroutines that, for all that is known, wait for each other or for
// nobody for ever.
type knot struct {
	v       *view
	members []*tape.Goroutine
	ring    []*tape.Goroutine // a circle among them; empty if one waits for nobody
	victims []*tape.Goroutine // those who cannot go on because of it
	// whole says that all goroutines of the program are in such knots.
	whole bool
	// awaitsChildren says that the first member has started goroutines that cannot go on
	// either: it may well wait for those.
	awaitsChildren bool
}

// onlyLocks reports whether nothing but locks takes part.
func (k *knot) onlyLocks() bool {
	return !slices.ContainsFunc(k.members, func(g *tape.Goroutine) bool { return !isLock(g.Wait.Kind) })
}

// isMixed reports whether somebody waits for a lock that another member holds, while
// each of the others waits for somebody known. A pool of workers without work never
// looks like that.
func (k *knot) isMixed() bool {
	return len(k.ring) > 1 && slices.ContainsFunc(k.ring, func(g *tape.Goroutine) bool { return isLock(g.Wait.Kind) })
}

// isExact reports whether it is certain that nobody in the ring can go on.
func (k *knot) isExact() bool {
	if k.v.basis == bySleep || k.isLeaked() {
		return true
	}
	return len(k.ring) > 1 && !slices.ContainsFunc(k.ring, func(g *tape.Goroutine) bool { return !isLock(g.Wait.Kind) })
}

// isHeld reports whether each in the ring waits for locks that others in it hold. A
// reader who waits behind a writer may have been let in already.
func (k *knot) isHeld() bool {
	return len(k.ring) > 1 && !slices.ContainsFunc(k.ring, func(g *tape.Goroutine) bool {
		lock, ok := lockOf(g)
		return !ok || !slices.ContainsFunc(k.ring, func(o *tape.Goroutine) bool {
			mode, held := holds(o, keyOf(lock))
			return held && o != g && g.Wait.Mode.Conflicts(mode)
		})
	})
}

// isLeaked reports whether the collector has proven all members lost.
func (k *knot) isLeaked() bool {
	return !slices.ContainsFunc(k.members, func(g *tape.Goroutine) bool { return !g.Leaked })
}

// isNil reports whether it is no more than a goroutine that waits for nil channels or in
// a select without cases.
func (k *knot) isNil() bool {
	if len(k.members) != 1 || len(k.victims) != 0 {
		return false
	}
	return !slices.ContainsFunc(k.members[0].Wait.Cases, func(c tape.Case) bool { return !isNil(c.Object) })
}

// isIdle reports whether all members wait to be sent something, as actors and workers
// do that have nothing to do.
func (k *knot) isIdle() bool {
	return !slices.ContainsFunc(k.members, func(g *tape.Goroutine) bool { return !isIdle(g) })
}

func isIdle(g *tape.Goroutine) bool {
	if g.Wait.Kind != tape.Chan && g.Wait.Kind != tape.Select {
		return false
	}
	return !slices.ContainsFunc(g.Wait.Cases, func(c tape.Case) bool { return c.Side != tape.Recv })
}

// isFirst reports whether one of the members waits for a partner where there never was
// one: the first may be about to come.
func (k *knot) isFirst() bool {
	return slices.ContainsFunc(k.members, func(g *tape.Goroutine) bool {
		return !isLock(g.Wait.Kind) && slices.ContainsFunc(g.Wait.Cases, func(c tape.Case) bool { return !k.v.ever(c) })
	})
}

// onlySends reports whether all who wait for a channel wait to send. A receiver that was
// never seen before is rare; one that closes, which ends a receive, mostly is new.
func (k *knot) onlySends() bool {
	return !slices.ContainsFunc(k.members, func(g *tape.Goroutine) bool {
		return !isLock(g.Wait.Kind) && slices.ContainsFunc(g.Wait.Cases, func(c tape.Case) bool { return c.Side != tape.Send })
	})
}

// certainty is observed only if the knot is exact: who else may know a channel is an
// approximation.
func (k *knot) certainty() finding.Certainty {
	switch {
	case k.v.basis == byProof && !k.isHeld():
		return finding.Proven
	case k.isExact():
		return finding.Observed
	case k.v.basis == byUse && k.onlySends(), k.v.basis == byCensus && !k.isIdle() && !k.isFirst():
		return finding.Potential
	}
	return finding.Suspected
}

// isBelieved reports whether the members have waited for so long that it counts who could
// help them.
func (k *knot) isBelieved(enough time.Duration) bool {
	for _, g := range k.members {
		if k.isIdle() && k.v.waited(g) < lonePatience*int64(enough) {
			return false
		}
		for _, c := range g.Wait.Cases {
			if !isLock(g.Wait.Kind) && !k.v.ever(c) && k.v.waited(g) < lonePatience*int64(enough) {
				return false
			}
		}
	}
	return true
}

// finding is the diagnosis.
func (k *knot) finding() finding.Finding {
	c := &cast{scene: k.v.scene}
	who := k.ring
	if len(who) == 0 {
		who = k.members
	}
	for _, g := range who {
		c.waitsFor(g.Wait)
	}
	ring := len(c.list)
	f := finding.Finding{Rule: finding.RuleDeadlock, Certainty: k.certainty(), Severity: finding.Error}
	if f.Certainty == finding.Suspected {
		f.Severity = finding.Warning
	}
	var detail []string
	for _, g := range who {
		f.Goroutines = append(f.Goroutines, c.goroutine(g))
		detail = append(detail, c.selects(g)...)
	}
	f.Resources = c.list
	if n := len(k.members) + len(k.victims) - len(who); n > 0 {
		f.Measures = append(f.Measures, finding.Number("goroutines that hang with them", n))
	}
	if k.onlyLocks() && len(k.ring) > 1 {
		wording.Deadlock(&f, f.Resources[:ring])
	} else {
		k.describe(&f, ring)
	}
	if reason := k.reason(); f.Detail == "" {
		f.Detail = strings.Join(append(detail, reason), " ")
	}
	return f
}

// describe is for knots in which not all wait for locks.
func (k *knot) describe(f *finding.Finding, ring int) {
	kind, mode := f.Resources[0].Kind, f.Goroutines[0].Wait.Mode
	switch len(k.ring) {
	case 0:
		wording.Stuck(f, kind, mode)
	case 1:
		if wording.IsLock(kind) {
			self := wording.SelfDeadlock(f.Goroutines[0], kind)
			self.Resources, self.Measures = f.Resources, f.Measures
			switch {
			case k.isLeaked():
				self.Certainty, self.Detail = finding.Proven, collectorLooked
			case k.v.basis == bySleep:
				self.Certainty, self.Detail = finding.Observed, ""
			}
			if kind == finding.Once {
				wording.SelfOnce(&self)
			}
			*f = self
			return
		}
		wording.StuckOnItself(f, kind, mode)
	default:
		wording.Knot(f, f.Resources[:ring])
	}
}

// selects tells what a goroutine selects among.
func (c *cast) selects(g *tape.Goroutine) []string {
	all := c.waitsFor(g.Wait)
	if len(all) < 2 {
		return nil
	}
	var labels []string
	for _, i := range all {
		labels = append(labels, finding.ResourceLabel(i))
	}
	return []string{fmt.Sprintf("Goroutine %d selects among %s.", g.ID, strings.Join(labels, ", "))}
}

// reason says why nobody else is expected to help.
func (k *knot) reason() string {
	const isolated = "All goroutines that could know what is waited for were looked at: none is left outside."
	switch {
	case k.v.basis == bySleep:
		return "The runtime found all goroutines asleep."
	case k.v.basis == byProof && !k.isHeld():
		return collectorLooked
	case k.isExact():
		return "Each holds a lock that the one before asks for."
	case k.v.basis == byUse:
		return "Everybody alive who was seen on the other side of what is waited for is among them; others may know it."
	case k.isIdle():
		return isolated + " But all wait to be sent something, as goroutines do that have nothing to do: one that got the channel in another way may still send."
	case k.isFirst():
		return isolated + " But nobody was ever seen on one of the other sides: one that got it in another way may still come."
	}
	return isolated
}

// abandoned is the diagnosis of a goroutine that waits for a lock whose holder has ended.
func (s *scene) abandoned(g *tape.Goroutine, m *tape.Misuse) finding.Finding {
	c := &cast{scene: s}
	waits := c.goroutine(g)
	gone := finding.Goroutine{ID: m.Goroutine, Created: creatorOf(m.Created), Holds: []finding.Hold{{
		Resource: waits.Wait.Resource, Mode: modeOf(m.Mode), Stack: takenAt(m).Trim(),
	}}}
	f := wording.Abandoned(waits, gone, c.list[waits.Wait.Resource].Kind)
	f.Resources = c.list
	return f
}

// takenAt is where a lock was taken that its holder left behind.
func takenAt(m *tape.Misuse) finding.Stack {
	if len(m.Other) == 0 {
		return m.Stack
	}
	return m.Other
}
