package misuse

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// ForeignUnlock is a lock that a goroutine releases which does not hold it.
type ForeignUnlock struct {
	Lock finding.Resource
	Mode finding.Mode
	By   finding.Goroutine
	At   finding.Stack
}

// Finding returns the diagnosis: legal, and often meant.
func (u ForeignUnlock) Finding() finding.Finding {
	verb := "unlocks"
	if u.Mode == finding.Shared {
		verb = "read-unlocks"
	}
	return finding.Finding{
		Rule: finding.RuleForeignUnlock, Certainty: finding.Observed, Severity: finding.Info,
		Title:      fmt.Sprintf("%s %s %s that the goroutine does not hold", u.At.Site(), verb, u.Lock.Kind.Indefinite()),
		Resources:  []finding.Resource{u.Lock},
		Goroutines: []finding.Goroutine{u.By},
		Places:     []finding.Place{{Role: "releases A", Stack: u.At}},
		Fix:        finding.RuleForeignUnlock.Fix(),
	}
}

// CopyUse is the first use of a lock that was copied while it was locked.
type CopyUse struct {
	Copy, Original finding.Resource
	// By uses the copy, and holds the original, resource 1, if it locked that itself.
	By finding.Goroutine
	At finding.Stack
}

// Finding returns the diagnosis.
func (u CopyUse) Finding() finding.Finding {
	return finding.Finding{
		Rule: finding.RuleLockCopied, Certainty: finding.Observed, Severity: finding.Error,
		Title: fmt.Sprintf("%s uses the copy of a locked %s", u.At.Site(), u.Copy.Kind.Noun()),
		Detail: "A was copied from B, with the whole struct that it is in, while B was locked. A has been locked ever since: " +
			"Unlock of B does not unlock A, and neither keeps out a goroutine that holds the other.",
		Resources:  []finding.Resource{u.Copy, u.Original},
		Goroutines: []finding.Goroutine{u.By},
		Places:     []finding.Place{{Role: "uses the copy A for the first time", Stack: u.At}},
		Fix:        finding.RuleLockCopied.Fix(),
	}
}
