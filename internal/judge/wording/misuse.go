package wording

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// closed has the words of a channel used after it was closed, by rule.
var closed = map[finding.RuleID]struct{ does, title, fix string }{
	finding.RuleSendOnClosed: {
		"sends", "%s sends on a channel that %s has closed",
		"let only the sender close, after its last send; with several senders close when all have ended (a WaitGroup), or tell them to stop on a channel of its own",
	},
	finding.RuleDoubleClose: {
		"closes it again", "%s closes a channel that %s has closed already",
		"let one place own the close, the sender's end; where several may come first, close through a sync.Once",
	},
}

// Closed returns the diagnosis of the rule send-on-closed or double-close: now uses a
// channel that earlier has closed. It lacks the resource.
func Closed(rule finding.RuleID, now, earlier finding.Goroutine) finding.Finding {
	words := closed[rule]
	now.State, earlier.State = words.does, "closed it"
	return finding.Finding{
		Rule: rule, Certainty: finding.Observed, Severity: finding.Error,
		Title:      fmt.Sprintf(words.title, now.Stack.User(), earlier.Stack.User()),
		Goroutines: []finding.Goroutine{now, earlier},
		Detail:     "The goroutine panics with the words of Go.",
		Fix:        words.fix,
	}
}

// NilChannel returns the diagnosis of a goroutine that waits for a nil channel. That
// it does is certain; that nobody wants it to is not.
func NilChannel(g finding.Goroutine) finding.Finding {
	what := map[finding.Mode]string{
		finding.Send: "sends on a nil channel", finding.Receive: "receives from a nil channel", finding.Select: "selects among nil channels",
	}[g.Wait.Mode]
	return finding.Finding{
		Rule: finding.RuleNilChannel, Certainty: finding.Potential, Severity: finding.Error,
		Title:      fmt.Sprintf("%s %s, and so waits for ever", g.Wait.Stack.User(), what),
		Resources:  []finding.Resource{{Kind: finding.Channel}},
		Goroutines: []finding.Goroutine{g},
		Fix:        "make the channel before it is used; to wait for ever on purpose, use a select statement without cases",
	}
}

// Foreign returns the diagnosis of a goroutine that releases a lock of the kind which it
// does not hold, at a place. It lacks the resource.
func Foreign(g finding.Goroutine, at finding.Stack, kind finding.ResourceKind, mode finding.Mode) finding.Finding {
	verb := "unlocks"
	if mode == finding.Shared {
		verb = "read-unlocks"
	}
	return finding.Finding{
		Rule: finding.RuleForeignUnlock, Certainty: finding.Observed, Severity: finding.Info,
		Title:      fmt.Sprintf("%s %s a %s that the goroutine does not hold", at.Site(), verb, kind),
		Goroutines: []finding.Goroutine{g},
		Places:     []finding.Place{{Role: "releases A", Stack: at}},
		Fix:        "if the lock is a signal between goroutines, use a channel or a semaphore, which says so; else unlock where it was locked, in a defer",
	}
}

// NegativeGroup returns the diagnosis of a wait group that is counted below zero at a
// place; opened is where it was counted up from zero last, if that is known. It lacks
// the resource.
func NegativeGroup(at, opened finding.Stack) finding.Finding {
	f := groupMisuse(at, "counted below zero here", opened, "counted up from zero last here")
	f.Title = fmt.Sprintf("%s takes more from the counter than was added", at.Site())
	f.Detail = "A Done without its Add: the counter may have been zero too early before, so that Wait returned before the work was done."
	f.Fix = "call Done exactly once for each Add, in a defer at the start of the goroutine, or start goroutines with WaitGroup.Go"
	return f
}

// ReusedGroup returns the diagnosis of a wait group that is counted up from zero at a
// place before a Wait has returned. It lacks the resource.
func ReusedGroup(at, waited finding.Stack) finding.Finding {
	f := groupMisuse(at, "counted up from zero here", waited, "waited here and not returned yet")
	f.Title = fmt.Sprintf("%s counts up from zero while the Wait at %s has not returned", at.Site(), waited.Site())
	return f
}

// GroupWaited is ReusedGroup from the side of the Wait at a place, which panics of it.
func GroupWaited(at, opened finding.Stack) finding.Finding {
	f := groupMisuse(at, "waited here", opened, "counted up again here")
	f.Title = fmt.Sprintf("%s began again before the Wait at %s had returned", opened.Site(), at.Site())
	return f
}

func groupMisuse(at finding.Stack, role string, other finding.Stack, otherRole string) finding.Finding {
	return finding.Finding{
		Rule: finding.RuleWaitGroupMisuse, Certainty: finding.Observed, Severity: finding.Error,
		Places: []finding.Place{{Role: role, Stack: at}, {Role: otherRole, Stack: other}},
		Detail: "Adding to a counter that is zero must happen before Wait begins or after every Wait has returned: " +
			"otherwise Wait may return early, miss the new work, or panic.",
		Fix: "add before the goroutine is started that counts down, by the goroutine that will wait; use a new WaitGroup for each round",
	}
}
