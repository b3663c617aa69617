package wording

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Need is what would end a wait for a resource of the kind in the mode: "message".
func Need(kind finding.ResourceKind, mode finding.Mode) string {
	switch {
	case mode == finding.Send:
		return "receiver"
	case mode == finding.Receive:
		return "message"
	case mode == finding.Await && kind == finding.WaitGroup:
		return "Done"
	case mode == finding.Await && kind == finding.Cond:
		return "signal"
	case IsLock(kind):
		return "lock"
	}
	return "partner"
}

// StuckFix is what to change where nobody is left who could end a wait.
func StuckFix(kind finding.ResourceKind, mode finding.Mode) string {
	switch Need(kind, mode) {
	case "receiver":
		return "receive from the channel until it is closed, give it room, or let the sender select on a context's Done too"
	case "message":
		return "close the channel when the last sender ends, or let the receiver select on a context's Done too"
	case "Done":
		return "call Done in a defer on every path of each counted goroutine, or start them with WaitGroup.Go"
	case "signal":
		return "change the condition and signal under the lock, and wait in a loop that tests the condition under the same lock: a signal without a waiter is lost"
	}
	return "add a case that always becomes ready in the end, such as a context's Done"
}

// Stuck makes f a finding of the rule stuck; its first goroutine waits for a resource
// of the kind in the mode.
func Stuck(f *finding.Finding, kind finding.ResourceKind, mode finding.Mode) {
	f.Rule = finding.RuleStuck
	f.Title = fmt.Sprintf("%s waits for a %s that nobody is left to give", f.Goroutines[0].Wait.Stack.User(), Need(kind, mode))
	f.Fix = StuckFix(kind, mode)
}

// StuckOnItself makes f a finding of the rule self-deadlock whose goroutine waits for
// what only it would give.
func StuckOnItself(f *finding.Finding, kind finding.ResourceKind, mode finding.Mode) {
	f.Rule = finding.RuleSelfDeadlock
	f.Title = fmt.Sprintf("%s waits for a %s that only the same goroutine would give", f.Goroutines[0].Wait.Stack.User(), Need(kind, mode))
	f.Fix = "wait from a goroutine that is none of those waited for"
}

// Knot makes f a finding of goroutines that wait for each other; ring are the
// resources that they wait for.
func Knot(f *finding.Finding, ring []finding.Resource) {
	f.Title = fmt.Sprintf("%d goroutines wait for each other, at %s", len(f.Goroutines), RingSites(f.Goroutines))
	f.Fix = KnotFix(ring)
	f.Coffman = KnotCoffman(ring, f.Goroutines)
}

// Deadlock makes f a finding of goroutines that wait for each other's locks for ever.
func Deadlock(f *finding.Finding, ring []finding.Resource) {
	f.Title = fmt.Sprintf("%d goroutines wait for each other for ever, at %s", len(f.Goroutines), RingSites(f.Goroutines))
	f.Fix = "take the locks in one order everywhere, for instance " + Labels(len(ring)) + ", so that no circle can form"
	if SameSite(f.Goroutines) {
		f.Fix = CycleFix(f.Goroutines, f.Goroutines[0])
	}
	f.Coffman = Coffman(ring, f.Goroutines, "waits")
	if IsRecursion(f.Goroutines) {
		Recursion(f)
	}
	DescribeRing(f, ring)
}

// SelfDeadlock returns the diagnosis of a goroutine that waits for a lock which it
// holds itself: resource 0 of the kind.
func SelfDeadlock(g finding.Goroutine, kind finding.ResourceKind) finding.Finding {
	f := finding.Finding{
		Rule: finding.RuleSelfDeadlock, Certainty: finding.Potential, Severity: finding.Error,
		Goroutines: []finding.Goroutine{g},
	}
	held := finding.Frame{}
	for _, h := range g.Holds {
		if h.Resource == 0 {
			held = h.Stack.Site()
		}
	}
	f.Title = fmt.Sprintf("%s waits for a %s that the same goroutine took at %s", g.Wait.Stack.Site(), kind, held)
	f.Detail = "Only another goroutine could release it now; none has done so for this lock."
	f.Fix = "split the function into a part that locks and a part that expects the lock to be held, and call the second from under the lock"
	if _, reads := ReadsAndAsks(&g, finding.Exclusive); reads {
		Upgrade(&f)
	}
	return f
}

// Abandoned returns the diagnosis of a goroutine that waits for a lock of the kind,
// whose holder has ended with it.
func Abandoned(waits, gone finding.Goroutine, kind finding.ResourceKind) finding.Finding {
	gone.State = "ended"
	return finding.Finding{
		Rule: finding.RuleAbandonedLock, Certainty: finding.Potential, Severity: finding.Error,
		Goroutines: []finding.Goroutine{waits, gone},
		Title: fmt.Sprintf("%s waits for a %s that a goroutine took at %s and kept when it ended",
			waits.Wait.Stack.User(), kind, gone.Holds[0].Stack.Site()),
		Detail: "Only another goroutine could release it now; none has done so for this lock.",
		Fix:    "unlock in a defer right after the lock, so that every return and panic releases it",
	}
}

// Copied returns the diagnosis of a goroutine that waits for a lock of the kind which is
// locked though nobody has locked it. It lacks the resources.
func Copied(waits finding.Goroutine, kind finding.ResourceKind) finding.Finding {
	return finding.Finding{
		Rule: finding.RuleLockCopied, Certainty: finding.Potential, Severity: finding.Error,
		Goroutines: []finding.Goroutine{waits},
		Title:      fmt.Sprintf("%s waits for a locked %s that nobody has ever locked", waits.Wait.Stack.User(), kind),
		Detail: "So it is a copy: somebody has copied a locked one, with all the struct that it is in. It has been locked ever since: " +
			"whoever unlocks the other one does not unlock the copy.",
		Fix: CopiedFix,
	}
}

// CopiedFix is the fix of copies of locks.
const CopiedFix = "use pointers: pass and return the struct by pointer, and give methods that lock a pointer receiver; " +
	"copy its data field by field under the lock; go vet finds most copies"

// SelfOnce makes f, a goroutine that waits for itself, the diagnosis of a Once.
func SelfOnce(f *finding.Finding) {
	f.Certainty = finding.Observed
	f.Measures = nil // it is reported at once
	f.Title = fmt.Sprintf("%s calls Do of a Once whose function the same goroutine is running", f.Goroutines[0].Wait.Stack.Site())
	f.Detail = "Do returns when the function has, and the function waits for Do: nobody else can end that."
	f.Fix = "call from inside the function what it needs directly, without the Once around it"
}
