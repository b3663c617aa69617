package detect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
)

// knot is a set of goroutines that, for all that is known, wait for each other or
// for nobody for ever.
type knot struct {
	members []*sighting
	ring    []*sighting // a circle among them; empty if one waits for nobody
	victims []*sighting // those who cannot go on because of it
	basis   basis       // by which nobody else can help
}

// onlyLocks reports whether nothing but locks takes part.
func (k *knot) onlyLocks() bool {
	return !slices.ContainsFunc(k.members, func(s *sighting) bool { return s.lock == nil })
}

// isMixed reports whether somebody waits for a lock that another member holds,
// while each of the others waits for somebody known. A pool of workers without
// work never looks like that.
func (k *knot) isMixed() bool {
	return len(k.ring) > 1 && slices.ContainsFunc(k.ring, func(s *sighting) bool { return s.lock != nil })
}

// isExact reports whether it is certain of each member of the ring that it cannot go
// on before the next one does: that holds a lock, or owes a Done as a goroutine of
// WaitGroup.Go's. Who else may know a channel or a condition is never certain.
func (k *knot) isExact() bool {
	return len(k.ring) > 0 && !slices.ContainsFunc(k.ring, func(s *sighting) bool { return !s.isExact() })
}

func (s *sighting) isExact() bool {
	if s.lock != nil {
		return !s.lock.origin.semaphore.Load()
	}
	if s.op != opWaitGroup {
		return false
	}
	group := s.cases[0].subject.group
	return group != nil && !group.anonymous.Load()
}

// isNil reports whether it is no more than a goroutine that waits for nil channels,
// which was reported when it began.
func (k *knot) isNil() bool {
	return len(k.members) == 1 && len(k.victims) == 0 && k.members[0].lock == nil && len(k.members[0].cases) == 0
}

// isIdle reports whether all members wait to be sent something, as actors and
// workers do that have nothing to do.
func (k *knot) isIdle() bool {
	return !slices.ContainsFunc(k.members, func(s *sighting) bool {
		return s.op != OpReceive && s.op != OpSelect || slices.ContainsFunc(s.cases, func(c WaitCase) bool { return c.at == Taking })
	})
}

// isFirst reports whether one of the members waits for a partner where there never was
// one: the first may be about to come.
func (k *knot) isFirst() bool {
	return slices.ContainsFunc(k.members, func(s *sighting) bool {
		return slices.ContainsFunc(s.cases, func(c WaitCase) bool { return c.subject != nil && !c.subject.sides[c.at].ever() })
	})
}

// onlySends reports whether all who wait for a channel wait to send. A receiver that
// was never seen before is rare; one that closes, which ends a receive, mostly is new.
func (k *knot) onlySends() bool {
	return !slices.ContainsFunc(k.members, func(s *sighting) bool {
		return slices.ContainsFunc(s.cases, func(c WaitCase) bool { return c.at == Giving })
	})
}

// certainty is observed only if the knot is exact: who else may know a channel is an
// approximation.
func (k *knot) certainty() finding.Certainty {
	if k.isExact() {
		return finding.Observed
	}
	if k.basis == byUse && k.onlySends() || k.basis == byCensus && !k.isIdle() && !k.isFirst() {
		return finding.Potential
	}
	return finding.Suspected
}

// finding is the diagnosis.
func (k *knot) finding(now time.Time) finding.Finding {
	d := knotDiagnosis{now: now}
	who := k.ring
	if len(who) == 0 {
		who = k.members
	}
	for _, s := range who {
		d.resources.of(s.origins()[0])
	}
	ring := len(d.resources.list)
	f := finding.Finding{Rule: finding.RuleDeadlock, Certainty: k.certainty(), Severity: finding.Error}
	for _, s := range who {
		f.Goroutines = append(f.Goroutines, d.goroutine(s))
	}
	f.Resources = d.resources.list
	f.Detail = strings.Join(append(d.detail, k.reason()), " ")
	if n := len(k.members) + len(k.victims) - len(who); n > 0 {
		f.Measures = append(f.Measures, finding.Number("goroutines that hang with them", n))
	}
	switch kind, mode := who[0].origins()[0].kind, who[0].findingMode(); len(k.ring) {
	case 0:
		wording.Stuck(&f, kind, mode)
		return f
	case 1:
		wording.StuckOnItself(&f, kind, mode)
		return f
	}
	wording.Knot(&f, f.Resources[:ring])
	if k.isExact() {
		wording.DescribeRing(&f, f.Resources[:ring])
	}
	return f
}

// reason says why nobody else is expected to help.
func (k *knot) reason() string {
	const isolated = "All goroutines that made, used or could have been given what is waited for were looked at: none is left outside."
	switch {
	case k.isExact():
		return "Each holds a lock that the one before asks for, or was started by Go of the wait group that it waits for."
	case k.basis == byUse:
		return "Everybody alive who was seen on the other side of what is waited for is among them; others may know it."
	case k.basis == byQuiet:
		return "Who else could help waits for another goroutine too, in ways that the agent does not see."
	case k.isIdle():
		return isolated + " But all wait to be sent something, as goroutines do that have nothing to do: one that got the channel in another way may still send."
	case k.isFirst():
		return isolated + " But nobody was ever seen on one of the other sides: one that got it in another way may still come."
	}
	return isolated
}

// knotDiagnosis collects the parts of a finding.
type knotDiagnosis struct {
	now       time.Time
	resources resources
	detail    []string
}

func (d *knotDiagnosis) goroutine(s *sighting) finding.Goroutine {
	g := finding.Goroutine{ID: s.id, Created: creatorOf(s.creator)}
	for i := range s.holds {
		if h := &s.holds[i]; h.holdsStill() {
			g.Holds = append(g.Holds, finding.Hold{
				Resource: d.resources.of(h.lock.origin), Mode: modeOf(h.mode), Stack: stackOf(h.stack[:]),
			})
		}
	}
	d.owes(s)
	d.lostSignal(s)
	origins := s.origins()
	g.Wait = &finding.Wait{
		Resource: d.resources.of(origins[0]), Mode: s.findingMode(), Stack: stackOf(s.stack[:]), Nanos: int64(d.now.Sub(s.since)),
	}
	if len(origins) > 1 {
		var labels []string
		for _, o := range origins {
			labels = append(labels, finding.ResourceLabel(d.resources.of(o)))
		}
		d.detail = append(d.detail, fmt.Sprintf("Goroutine %d selects among %s.", s.id, strings.Join(labels, ", ")))
	}
	return g
}

// owes says for which wait group the goroutine was started, where a lock does not.
func (d *knotDiagnosis) owes(s *sighting) {
	if s.owes != nil {
		d.detail = append(d.detail, fmt.Sprintf("Goroutine %d was started by Go of the wait group of %s and owes its Done.",
			s.id, stackOf(s.owes.own.first[:]).Site()))
	}
}

// lostSignal says of a wait for a signal that the last one came too early.
func (d *knotDiagnosis) lostSignal(s *sighting) {
	for _, c := range s.cases {
		if c.subject != nil && c.subject.lost != nil && c.subject.lost.isSet() {
			d.detail = append(d.detail, fmt.Sprintf("The last signal, at %s, found nobody waiting and is lost.", c.subject.lost.stack().Site()))
		}
	}
}

// origins are what s waits for, at least one.
func (s *sighting) origins() (list []*origin) {
	if s.lock != nil {
		return []*origin{s.lock.origin}
	}
	for _, c := range s.cases {
		if c.subject != nil && !slices.Contains(list, c.subject.origin) {
			list = append(list, c.subject.origin)
		}
	}
	if list == nil { // a select without cases, or of plain channels
		list = []*origin{{kind: finding.Channel}}
	}
	return list
}

var opModes = [...]finding.Mode{
	OpSend: finding.Send, OpReceive: finding.Receive, OpSelect: finding.Select, opWaitGroup: finding.Await, opCond: finding.Await,
}

func (s *sighting) findingMode() finding.Mode {
	if s.op == opLock {
		return modeOf(s.mode)
	}
	return opModes[s.op]
}

// abandonedFinding is the diagnosis of a goroutine that waits for a lock whose
// holder has ended.
func abandonedFinding(s *sighting, a *abandoned, now time.Time) finding.Finding {
	d := knotDiagnosis{now: now}
	d.resources.of(s.lock.origin)
	gone := finding.Goroutine{ID: a.by, Created: creatorOf(a.creator), Holds: []finding.Hold{{
		Mode: modeOf(a.hold.mode), Stack: stackOf(a.hold.stack[:]),
	}}}
	f := wording.Abandoned(d.goroutine(s), gone, s.lock.origin.kind)
	f.Resources = d.resources.list
	return f
}
