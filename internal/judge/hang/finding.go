package hang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/misuse"
)

// writer collects the parts of a finding.
type writer struct {
	judge.Resources
	detail []string
}

// Resources returns the indexes of what the wait is for, at least one.
func (w *Wait) Resources(r *judge.Resources) (all []int) {
	at := judge.Expand(w.Stack)
	for _, c := range w.Cases {
		o := c.Object
		if o == nil {
			o = c.Nil
		}
		if o == nil {
			continue
		}
		if i := r.Of(o, c.Mode, at); !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	if all == nil { // a select without cases, or nil channels, or channels that are not observed
		all = []int{r.Of(nil, w.Mode, at)}
	}
	return all
}

// goroutine shows a goroutine that waits.
func (w *writer) goroutine(g *Goroutine) finding.Goroutine {
	shown := finding.Goroutine{ID: g.ID, Created: judge.Created(judge.Expand(g.Created))}
	at := judge.Expand(g.Wait.Stack)
	all := g.Wait.Resources(&w.Resources)
	for i := range g.Holds {
		shown.Holds = append(shown.Holds, w.Hold(&g.Holds[i]))
	}
	shown.Wait = &finding.Wait{Resource: all[0], Mode: g.Wait.Mode, Stack: at.Trim(), Nanos: max(0, int64(g.Wait.Lasted))}
	if len(all) > 1 {
		var labels []string
		for _, i := range all {
			labels = append(labels, finding.ResourceLabel(i))
		}
		w.say("Goroutine %d selects among %s.", g.ID, strings.Join(labels, ", "))
	}
	return shown
}

func (w *writer) say(format string, args ...any) {
	w.detail = append(w.detail, fmt.Sprintf(format, args...))
}

// rule is deadlock for goroutines that wait for each other, stuck for one that waits for
// no goroutine that is left, and self-deadlock for one that only itself could wake.
func (k *knot) rule() finding.RuleID {
	switch len(k.ring) {
	case 0:
		return finding.RuleStuck
	case 1:
		return finding.RuleSelfDeadlock
	}
	return finding.RuleDeadlock
}

// shown are the goroutines that a finding shows: the others hang because of them.
func (k *knot) shown() []int {
	if len(k.ring) > 0 {
		return k.ring
	}
	return k.members
}

// finding is the diagnosis.
func (k *knot) finding() finding.Finding {
	if k.isNilChannel() {
		return k.nilChannelFinding()
	}
	var w writer
	for _, i := range k.shown() {
		k.goroutine(i).Wait.Resources(&w.Resources)
	}
	ring := len(w.List)
	f := finding.Finding{Rule: k.rule(), Certainty: k.certainty()}
	f.Severity = judge.SeverityOf(f.Certainty)
	if k.isStay() {
		f.Severity = finding.Info
		w.say("Only the function itself has what it waits for, so it may be meant to stay while other goroutines run, as in select {}.")
	}
	for _, i := range k.shown() {
		g := k.goroutine(i)
		f.Goroutines = append(f.Goroutines, w.goroutine(g))
		w.sayOwed(g, k.v.Inferred)
		k.sayLost(&w, g)
	}
	f.Resources = w.List
	describe(&f, f.Resources[:ring], k.ofHolds())
	k.showBeside(&w, &f)
	if k.isSelf() && f.Certainty < finding.Observed {
		f.Measures = []finding.Measure{finding.Duration("waited", k.goroutine(k.ring[0]).Wait.Lasted)}
	}
	k.countOthers(&f)
	if f.Detail == "" || f.Certainty >= finding.Proven {
		w.detail = append(w.detail, f.Detail, k.reason(f.Certainty))
		f.Detail = strings.Join(slices.DeleteFunc(w.detail, func(s string) bool { return s == "" }), " ")
	}
	if f.Certainty < finding.Proven {
		f.Detail = strings.TrimSpace(f.Detail + " " + giving(k.heirs()))
	}
	return f
}

func (k *knot) countOthers(f *finding.Finding) {
	n := len(k.members) + len(k.victims)
	for _, i := range slices.Concat(k.shown(), k.beside()) {
		if slices.Contains(k.members, i) || slices.Contains(k.victims, i) {
			n--
		}
	}
	if n > 0 {
		f.Measures = append(f.Measures, finding.Number("goroutines that hang with them", n))
	}
}

func (k *knot) nilChannelFinding() finding.Finding {
	var w writer
	g := k.goroutine(k.members[0])
	g.Wait.Resources(&w.Resources)
	f := misuse.NilChannel(finding.Goroutine{
		ID: g.ID, Created: judge.Created(judge.Expand(g.Created)),
		Wait: &finding.Wait{Mode: g.Wait.Mode, Stack: judge.Expand(g.Wait.Stack).Trim(), Nanos: int64(g.Wait.Lasted)},
	}, w.List, k.certainty())
	k.countOthers(&f)
	return f
}

// sayOwed says why a wait group that one of them waits for waits for the goroutine, unless
// the witness shows that as a hold of the group.
func (w *writer) sayOwed(g *Goroutine, inferred bool) {
	held := func(h judge.Hold) bool { return h.Lock == g.Owes }
	if g.Owes != nil && w.Has(g.Owes) && !slices.ContainsFunc(g.Holds, held) {
		i := w.Of(g.Owes, finding.Await, nil)
		if inferred {
			w.say("Goroutine %d probably owes wait group %s a Done.", g.ID, finding.ResourceLabel(i))
			return
		}
		w.say("Goroutine %d was started by Go of wait group %s, whose Wait returns only after it has ended.", g.ID, finding.ResourceLabel(i))
	}
}

// sayLost says of a wait for a signal that the last one came too early.
func (k *knot) sayLost(w *writer, g *Goroutine) {
	for _, c := range g.Wait.Cases {
		if c.Object == nil || g.Wait.IsLock() {
			continue
		}
		if lost := k.v.usersOf(c).Lost; lost != nil {
			w.say("The last signal, at %s, found no goroutine waiting and was lost.", judge.Expand(lost).Site())
		}
	}
}

// reason says why no other goroutine is expected to help.
func (k *knot) reason(c finding.Certainty) string {
	switch {
	case k.v.basis == asleep:
		return allAsleep
	case c == finding.Proven, k.v.Inferred && k.isProven():
		return Unreached
	case c == finding.Observed, k.v.basis == owed:
		return "" // what each of them holds or owes says it
	case k.v.Inferred && k.anyCase(func(_ *Goroutine, c Case) bool { return k.v.usersOf(c).Still }):
		return "No goroutine that would end the wait is known, and nothing has moved for long."
	case k.v.Inferred:
		return "By the source, every goroutine that would end the wait is blocked too."
	case k.v.basis == unserved:
		return "By the source, nothing that the goroutines which can go on do ends these waits."
	case k.v.basis == written:
		return "By the source, such waits end only in functions that have goroutines of their own, and all of these hang."
	case k.v.basis == used:
		return "Every live goroutine that has used the other side is blocked too; other goroutines may have access to the object."
	case k.v.basis == unparked:
		return "Every other goroutine that may have access to the object is blocked too, in a wait that the agent does not observe, or waits for the network."
	case k.isIdle():
		return isolated + " But all of them wait to receive, as idle workers do, and a goroutine that got the channel in another way may still send."
	case k.isFirst():
		return isolated + " But no goroutine has ever used the other side, and one that got the object in another way may still do so."
	}
	return isolated
}

// allAsleep is the reason of the runtime.
const allAsleep = "The runtime found all goroutines asleep."

// isolated is the reason of a census.
const isolated = "Every goroutine that made or used the object, or may have been given it, is blocked or has ended."

// Unreached is the reason of the collector.
const Unreached = "The garbage collector found that nothing that can still run leads to what they wait for."

// Held returns the finding of goroutines of which each waits for a lock that the next one
// holds, the last for the first, and a single one for itself. It is observed: no other
// goroutine can end it, unless one releases locks that it does not hold, or was given them.
func Held(ring []Goroutine) finding.Finding {
	var w writer
	for i := range ring {
		ring[i].Wait.Resources(&w.Resources)
	}
	n := len(w.List)
	f := finding.Finding{Rule: finding.RuleDeadlock, Certainty: finding.Observed}
	all := make([]*Goroutine, len(ring))
	for i := range ring {
		all[i] = &ring[i]
		f.Goroutines = append(f.Goroutines, w.goroutine(&ring[i]))
	}
	heirs, unowned := heirsIn(all), isUnownedIn(all)
	switch {
	case unowned, len(ring) == 1 && len(heirs) > 0:
		f.Certainty = finding.Suspected
	case len(ring) == 1, len(heirs) > 0:
		f.Certainty = finding.Potential
	}
	if len(ring) == 1 {
		f.Rule = finding.RuleSelfDeadlock
		f.Measures = []finding.Measure{finding.Duration("waited", ring[0].Wait.Lasted)}
	}
	f.Severity = judge.SeverityOf(f.Certainty)
	f.Resources = w.List
	describe(&f, f.Resources[:n], finding.Observed)
	if unowned {
		f.Detail = "One of the locks, or another lock acquired at the same place, was released before by a goroutine that did not hold it, so this wait may end."
	}
	f.Detail = strings.TrimSpace(f.Detail + " " + giving(heirs))
	return f
}
