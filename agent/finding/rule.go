package finding

import (
	"cmp"
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
	RuleSendOnClosed      RuleID = "send-on-closed"
	RuleDoubleClose       RuleID = "double-close"
	RuleNilChannel        RuleID = "nil-channel"
	RuleNotHeld           RuleID = "not-held"
	RuleLockCopied        RuleID = "lock-copied"
	RuleForeignUnlock     RuleID = "foreign-unlock"
	RuleWaitGroupMisuse   RuleID = "waitgroup-misuse"
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

	verdict string
	// inferred is the verdict where the finding was not observed, "" if it is the same.
	inferred string
}

// rules is the catalogue in the order in which it is shown. It holds a rule only
// when something reports it.
var rules = [...]Rule{
	{RuleLockCycle, FamilyDeadlock, Error, "can deadlock", ""},
	{RuleDeadlock, FamilyDeadlock, Error, "deadlocked", "perhaps deadlocked"},
	{RuleSelfDeadlock, FamilyDeadlock, Error, "deadlocked with itself", ""},
	{RuleRLockRecursion, FamilyDeadlock, Error, "read-locks a lock twice", ""},
	{RuleLockUpgrade, FamilyDeadlock, Error, "waits for a lock that it read-locked itself", ""},
	{RuleAbandonedLock, FamilyDeadlock, Error, "lets goroutines end with locks held", ""},
	{RuleStuck, FamilyDeadlock, Error, "waits for what nothing can end", ""},
	{RuleLockOrder, FamilyDeadlock, Error, "takes locks against the declared order", ""},
	{RuleSendOnClosed, FamilyMisuse, Error, "sends on closed channels", ""},
	{RuleDoubleClose, FamilyMisuse, Error, "closes channels twice", ""},
	{RuleNilChannel, FamilyMisuse, Error, "uses nil channels", ""},
	{RuleNotHeld, FamilyMisuse, Error, "runs code without the lock that it expects", ""},
	{RuleLockCopied, FamilyMisuse, Error, "copies locks", ""},
	{RuleForeignUnlock, FamilyMisuse, Info, "unlocks what another goroutine locked", ""},
	{RuleWaitGroupMisuse, FamilyMisuse, Error, "misuses a wait group", ""},
	{RuleDataRace, FamilyRace, Error, "has a data race", ""},
	{RuleGoroutineLeak, FamilyLeak, Warning, "leaks goroutines", ""},
	{RuleContention, FamilyContention, Warning, "queues for a lock", ""},
	{RuleCoarseSection, FamilyContention, Warning, "serialises on a lock that is held too long", ""},
	{RuleBlockingUnderLock, FamilyContention, Warning, "waits for something else while it holds a lock", ""},
	{RuleConvoy, FamilyContention, Warning, "passes a lock from hand to hand in a convoy", ""},
	{RuleHotCounter, FamilyContention, Warning, "fights for a lock around almost no work", ""},
	{RuleReadMostly, FamilyContention, Warning, "locks for reading what hardly changes", ""},
	{RuleWriterStarvation, FamilyContention, Warning, "keeps writers waiting for readers", ""},
	{RuleLoopBlocked, FamilyLoop, Warning, "blocks its event loop", ""},
	{RuleLoopSaturated, FamilyLoop, Warning, "gives an event loop more than it can do", ""},
	{RuleSerialized, FamilySchedule, Warning, "runs its goroutines one at a time", ""},
	{RuleOversubscribed, FamilySchedule, Warning, "runs more CPU-bound goroutines than it has processors", ""},
	{RuleSequentialWaits, FamilySchedule, Warning, "waits for one thing after another", ""},
	{RuleSchedLatency, FamilySchedule, Warning, "waits for processors", ""},
	{RuleCPUStarved, FamilySchedule, Warning, "runs without getting a core", ""},
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

// Verdict returns what a finding of the rule says of the program at that certainty, as
// in "can deadlock". Something suspected is said with a "perhaps".
func (r Rule) Verdict(c Certainty) string {
	switch {
	case c == Observed:
		return r.verdict
	case r.inferred == "" && c == Suspected:
		return "perhaps " + r.verdict
	}
	return cmp.Or(r.inferred, r.verdict)
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
