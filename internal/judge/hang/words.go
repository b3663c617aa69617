package hang

import (
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// Outcome is what has become of n goroutines.
func Outcome(c finding.Certainty, n int) string {
	be := "are"
	if n == 1 {
		be = "is"
	}
	switch {
	case c >= finding.Proven:
		return "deadlocked"
	case c == finding.Potential:
		return be + " probably deadlocked"
	}
	return "may be deadlocked"
}

// describe puts a finding into words, by its rule; ring are the resources that its
// goroutines wait for. Most is what can be claimed at all.
func describe(f *finding.Finding, ring []finding.Resource, most finding.Certainty) {
	switch {
	case f.Rule == finding.RuleStuck:
		describeStuck(f)
	case f.Rule == finding.RuleDeadlock:
		describeRing(f, ring)
	case !judge.IsLock(ring[0].Kind):
		need := needs[needOf(ring[0].Kind, f.Goroutines[0].Wait.Mode)]
		f.Title = fmt.Sprintf("%s %s: only its own goroutine could %s", f.Goroutines[0].Wait.Stack.User(), Outcome(f.Certainty, 1), need.act)
		f.Fix = "move the wait to another goroutine: this one is among those that it waits for"
	default:
		describeSelf(f, ring[0].Kind, most)
	}
}

// describeRing is for goroutines that wait for each other.
func describeRing(f *finding.Finding, ring []finding.Resource) {
	result := fmt.Sprintf("%d goroutines %s", len(f.Goroutines), Outcome(f.Certainty, len(f.Goroutines)))
	f.Title = fmt.Sprintf("%s at %s", result, judge.Sites(f.Goroutines))
	f.Coffman = judge.Coffman(ring, f.Goroutines, judge.Waits)
	lock, locks := -1, 0
	for i, r := range ring {
		if judge.IsLock(r.Kind) {
			lock, locks = i, locks+1
		}
	}
	switch {
	case locks == len(ring) && judge.SameSite(f.Goroutines):
		f.Fix = judge.OrderFix(f.Goroutines, f.Goroutines[0])
	case locks == len(ring):
		f.Fix = "acquire the locks in one order everywhere, for instance " + judge.Labels(len(ring))
	case locks > 0:
		label := finding.ResourceLabel(lock)
		f.Fix = fmt.Sprintf("release %s before waiting for a goroutine that needs %s", label, label)
	default:
		f.Fix = "let one side never block: give its channel a buffer for every value that can be in flight, or select on a context's Done"
	}
	if judge.IsRecursion(f.Goroutines) {
		judge.DescribeRecursion(f, Outcome(f.Certainty, 1), judge.Waits)
	}
	judge.DescribeRing(f, ring, Outcome(f.Certainty, len(f.Goroutines)))
	if locks == 0 {
		f.Fix = fixWithoutLocks(f)
	}
}

// fixWithoutLocks is what to change for the goroutine that cannot finish: where others wait for a
// wait group, the one that does not call Done because of something else.
func fixWithoutLocks(f *finding.Finding) string {
	for _, g := range f.Goroutines {
		if kind := f.Resources[g.Wait.Resource].Kind; kind == finding.Channel || kind == finding.Cond {
			for _, other := range f.Goroutines {
				if f.Resources[other.Wait.Resource].Kind == finding.WaitGroup {
					return Fix(kind, g.Wait.Mode)
				}
			}
		}
	}
	return f.Fix
}

// describeSelf is for a goroutine that waits for a lock which it holds itself: resource 0.
func describeSelf(f *finding.Finding, kind finding.ResourceKind, most finding.Certainty) {
	g := &f.Goroutines[0]
	if kind == finding.Once {
		f.Certainty = most // no other goroutine can end that
		f.Severity, f.Measures = judge.SeverityOf(most), nil
		f.Title = fmt.Sprintf("%s %s: it calls Do of a Once inside the function of the same Once", judge.Place(g.Wait.Stack), Outcome(most, 1))
		f.Detail = "Do returns after the function has returned, and the function waits for Do."
		f.Fix = "inside the function, call directly what it needs, not through the Once"
		return
	}
	var taken finding.Stack
	for _, h := range g.Holds {
		if h.Resource == 0 {
			taken = h.Stack
		}
	}
	held := taken.Site()
	result, seems := Outcome(f.Certainty, 1), ""
	if most == finding.Suspected { // the hold itself is a guess
		seems = "seems to have "
	}
	f.Title = fmt.Sprintf("%s %s: it locks %s that the same goroutine %slocked at %s", judge.Place(g.Wait.Stack), result, kind.Indefinite(), seems, judge.Place(taken))
	f.Fix = f.Rule.Fix()
	switch {
	case most < finding.Observed: // what other goroutines did before is not known
		f.Detail = "Only another goroutine could release the lock now."
	case f.Certainty < finding.Proven:
		f.Detail = onlyAnother
	}
	if first, reads := judge.ReadsAndAsks(g, finding.Exclusive); reads {
		f.Rule = finding.RuleLockUpgrade
		f.Title = fmt.Sprintf("%s %s: it write-locks an RWMutex that the same goroutine %sread-locked at %s", judge.Place(g.Wait.Stack), result, seems, first)
		f.Fix = f.Rule.Fix()
	}
	if returned(taken, g.Wait.Stack) {
		f.Detail = strings.TrimSpace(fmt.Sprintf("The call of %s that locked it returned without unlocking it. %s", held.ShortFunc(), f.Detail))
		f.Fix = fmt.Sprintf("unlock on every path that returns from %s, best with defer; if it locks for its caller, unlock in the caller", held.ShortFunc())
	}
}

const onlyAnother = "Only another goroutine could release the lock now, and none ever released it for its holder."

// need is what would end a wait.
type need struct{ noun, act, fix string }

// The needs, by what a goroutine waits for.
var needs = map[string]need{
	"receiver": {"a receiver", "receive", "receive from the channel until it is closed, give it room, or let the sender select on a context's Done too"},
	"message":  {"a message", "send", "close the channel when the last sender ends, or let the receiver select on a context's Done too"},
	"cancel":   {"a cancel", "cancel the context", "cancel the context before waiting for goroutines that wait for its end: a deferred cancel runs only after the function's last wait"},
	"done":     {"a Done", "call Done", "call Done in a defer on every path of each counted goroutine, or start the goroutines with WaitGroup.Go"},
	"signal": {"a signal", "signal", "change the condition and signal under the lock, and wait in a loop that tests the condition under the same lock: " +
		"a signal without a waiter is lost"},
	"lock":    {"a lock", "release the lock", "find the path that returns without Unlock, or the cycle that the lock is part of"},
	"partner": {"a partner", "make a case ready", "add a case that always becomes ready in the end, such as a context's Done"},
}

func needOf(kind finding.ResourceKind, mode finding.Mode) string {
	switch {
	case mode == finding.Send:
		return "receiver"
	case mode == finding.Receive:
		return "message"
	case mode == finding.Await && kind == finding.WaitGroup:
		return "done"
	case mode == finding.Await && kind == finding.Cond:
		return "signal"
	case judge.IsLock(kind):
		return "lock"
	}
	return "partner"
}

// Need is what would end a wait for a resource of the kind in the mode, as in "a message".
func Need(kind finding.ResourceKind, mode finding.Mode) string { return needs[needOf(kind, mode)].noun }

// Fix is what to change where no goroutine is left that could end such a wait.
func Fix(kind finding.ResourceKind, mode finding.Mode) string { return needs[needOf(kind, mode)].fix }

// describeStuck is for a goroutine that no other one is left to wake.
func describeStuck(f *finding.Finding) {
	wait := f.Goroutines[0].Wait
	r := f.Resources[wait.Resource]
	n := needs[needOf(r.Kind, wait.Mode)]
	if wait.Mode == finding.Receive && strings.HasSuffix(r.Name, ".Done()") {
		n = needs["cancel"]
	}
	result := map[finding.Certainty]string{finding.Potential: "is probably stuck", finding.Suspected: "may be stuck"}[f.Certainty]
	if result == "" {
		result = "is stuck"
	}
	f.Title = fmt.Sprintf("%s %s: no goroutine is left that could %s", judge.Place(wait.Stack), result, n.act)
	f.Fix = n.fix
}
