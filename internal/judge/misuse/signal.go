package misuse

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// UnlockedSignal is a signal of a cond by a goroutine that did not hold its lock, and had not
// released it just before.
type UnlockedSignal struct {
	Cond finding.Resource
	By   finding.Goroutine
	// At is where it signals, Waits where another goroutine waits.
	At, Waits finding.Stack
}

// Finding returns the diagnosis: legal, and harmless if what the waiter checks has changed
// under the lock.
func (s UnlockedSignal) Finding() finding.Finding {
	return finding.Finding{
		Rule: finding.RuleSignalWithoutLock, Certainty: finding.Observed, Severity: finding.Info,
		Title: fmt.Sprintf("%s signals a cond without its lock", s.At.User()),
		Detail: "A waiter that has checked its condition and does not wait yet misses this signal. " +
			"The signal is safe only if the condition had changed while L was held.",
		Resources:  []finding.Resource{s.Cond},
		Goroutines: []finding.Goroutine{s.By},
		Places:     []finding.Place{{Role: "signals A", Stack: s.At}, {Role: "waits for A", Stack: s.Waits}},
		Fix:        finding.RuleSignalWithoutLock.Fix(),
	}
}
