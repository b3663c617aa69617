package finding

import (
	"embed"
	"slices"
	"strings"
)

// RuleID is the name of a rule: lower-case words with dashes. It never changes once
// shipped: it is a flag value, a page name and part of fingerprints.
type RuleID string

// The rules.
const (
	RuleLockCycle         RuleID = "lock-cycle"
	RuleDeadlock          RuleID = "deadlock"
	RuleSelfDeadlock      RuleID = "self-deadlock"
	RuleRLockRecursion    RuleID = "rlock-recursion"
	RuleLockUpgrade       RuleID = "lock-upgrade"
	RuleAbandonedLock     RuleID = "abandoned-lock"
	RuleStuck             RuleID = "stuck"
	RuleLockOrder         RuleID = "lock-order"
	RuleHeldLong          RuleID = "held-long"
	RuleWaitedLong        RuleID = "waited-long"
	RuleSendOnClosed      RuleID = "send-on-closed"
	RuleDoubleClose       RuleID = "double-close"
	RuleNilChannel        RuleID = "nil-channel"
	RuleNotHeld           RuleID = "not-held"
	RuleLockCopied        RuleID = "lock-copied"
	RuleForeignUnlock     RuleID = "foreign-unlock"
	RuleWaitGroupMisuse   RuleID = "waitgroup-misuse"
	RuleSignalWithoutLock RuleID = "signal-without-lock"
	RuleDataRace          RuleID = "data-race"
	RuleGoroutineLeak     RuleID = "goroutine-leak"
	RuleContention        RuleID = "contention"
	RuleCoarseSection     RuleID = "coarse-section"
	RuleBlockingUnderLock RuleID = "blocking-under-lock"
	RuleConvoy            RuleID = "convoy"
	RuleHotCounter        RuleID = "hot-counter"
	RuleReadMostly        RuleID = "read-mostly"
	RuleWriterStarvation  RuleID = "writer-starvation"
	RuleLoopBlocked       RuleID = "loop-blocked"
	RuleLoopSaturated     RuleID = "loop-saturated"
	RuleSerialized        RuleID = "serialized"
	RuleOversubscribed    RuleID = "oversubscribed"
	RuleSequentialWaits   RuleID = "sequential-waits"
	RuleSchedLatency      RuleID = "sched-latency"
	RuleCPUStarved        RuleID = "cpu-starved"
)

// Family is a group of rules: what kind of harm they report.
type Family string

// The families.
const (
	FamilyDeadlock   Family = "deadlock"
	FamilyTime       Family = "time"
	FamilyMisuse     Family = "misuse"
	FamilyRace       Family = "race"
	FamilyLeak       Family = "leak"
	FamilyContention Family = "contention"
	FamilyLoop       Family = "loop"
	FamilySchedule   Family = "schedule"
)

// Rule is one kind of disease.
type Rule struct {
	ID     RuleID
	Family Family
	// Severity is the default; a finding may differ where the measures say so.
	Severity Severity
	// Fix says what to change, where nothing more specific is known of a finding.
	Fix string

	verdict verdict
}

//go:embed rules/*.md
var pages embed.FS

// Rules returns the catalogue, family by family. The caller owns the slice.
func Rules() []Rule { return slices.Clone(rules[:]) }

// LookupRule returns the rule with the id, and whether there is one.
func LookupRule(id RuleID) (Rule, bool) {
	i := slices.IndexFunc(rules[:], func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// Verdict returns what a finding of the rule says of the program at that certainty, after
// "the program": "leaks goroutines", "appears to leak goroutines", "may leak goroutines".
func (r Rule) Verdict(c Certainty) string {
	v := r.verdict
	switch {
	case c == Suspected:
		return "may " + v.verb
	case c != Observed && v.can != "":
		return v.can
	case c == Potential:
		return "appears to " + v.verb
	}
	return v.does
}

// Fix returns what to change for a finding of the rule of which nothing more specific is
// known, "" of an unknown rule.
func (id RuleID) Fix() string {
	rule, _ := LookupRule(id)
	return rule.Fix
}

// Page returns the rule's page in Markdown: what it means, wrong and right code,
// how sure the tool is, how to fix and how to silence it.
func (r Rule) Page() string {
	page, err := pages.ReadFile("rules/" + string(r.ID) + ".md")
	if err != nil {
		panic("finding: rule " + r.ID + " has no page") // a test reads every page
	}
	return string(page)
}

// Title returns the first heading of the rule's page without the rule's name.
func (r Rule) Title() string {
	first, _, _ := strings.Cut(r.Page(), "\n")
	return strings.TrimPrefix(first, "# "+string(r.ID)+": ")
}
