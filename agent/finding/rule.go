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

	verdict verdict
}

// verdict is what a finding of a rule says of the program, after "the program".
type verdict struct {
	// does is said of what was observed or proven, as in "leaks goroutines".
	does string
	// verb follows "appears to" for what is potential and "may" for what is suspected, as
	// in "leak goroutines".
	verb string
	// can, if not "", is said of what is proven or potential: a pattern that is there, of
	// something that has not happened.
	can string
}

// rules is the catalogue in the order in which it is shown. It holds a rule only
// when something reports it.
var rules = [...]Rule{
	{RuleLockCycle, FamilyDeadlock, Error, verdict{"can deadlock", "deadlock", "can deadlock"}},
	{RuleDeadlock, FamilyDeadlock, Error, verdict{"deadlocked", "have deadlocked", ""}},
	{RuleSelfDeadlock, FamilyDeadlock, Error, verdict{"has a goroutine that waits for itself", "have a goroutine that waits for itself", ""}},
	{RuleRLockRecursion, FamilyDeadlock, Error, verdict{"deadlocked on a recursive read lock", "deadlock on a recursive read lock", "can deadlock on a recursive read lock"}},
	{RuleLockUpgrade, FamilyDeadlock, Error, verdict{"has a goroutine that waits for its own read lock", "have a goroutine that waits for its own read lock", ""}},
	{RuleAbandonedLock, FamilyDeadlock, Error, verdict{"waits for a lock whose holder has ended", "wait for a lock whose holder has ended", ""}},
	{RuleStuck, FamilyDeadlock, Error, verdict{"has goroutines that nothing can wake", "have goroutines that nothing can wake", ""}},
	{RuleLockOrder, FamilyDeadlock, Error, verdict{"acquires locks against the declared order", "acquire locks against the declared order", ""}},
	{RuleSendOnClosed, FamilyMisuse, Error, verdict{"sends on a closed channel", "send on a closed channel", ""}},
	{RuleDoubleClose, FamilyMisuse, Error, verdict{"closes a channel twice", "close a channel twice", ""}},
	{RuleNilChannel, FamilyMisuse, Error, verdict{"waits on a nil channel", "wait on a nil channel", "waits on a nil channel"}},
	{RuleNotHeld, FamilyMisuse, Error, verdict{"runs code without the lock that it requires", "run code without the lock that it requires", ""}},
	{RuleLockCopied, FamilyMisuse, Error, verdict{"uses a copied lock", "use a copied lock", ""}},
	{RuleForeignUnlock, FamilyMisuse, Info, verdict{"releases locks that other goroutines acquired", "release locks that other goroutines acquired", ""}},
	{RuleWaitGroupMisuse, FamilyMisuse, Error, verdict{"misuses a wait group", "misuse a wait group", ""}},
	{RuleDataRace, FamilyRace, Error, verdict{"has a data race", "have a data race", ""}},
	{RuleGoroutineLeak, FamilyLeak, Warning, verdict{"leaks goroutines", "leak goroutines", ""}},
	{RuleContention, FamilyContention, Warning, verdict{"spends time waiting for a lock", "spend time waiting for a lock", ""}},
	{RuleCoarseSection, FamilyContention, Warning, verdict{"holds a lock for too long", "hold a lock for too long", ""}},
	{RuleBlockingUnderLock, FamilyContention, Warning, verdict{"blocks while it holds a lock", "block while it holds a lock", ""}},
	{RuleConvoy, FamilyContention, Warning, verdict{"has a lock convoy", "have a lock convoy", ""}},
	{RuleHotCounter, FamilyContention, Warning, verdict{"guards a word or two with a contended lock", "guard a word or two with a contended lock", ""}},
	{RuleReadMostly, FamilyContention, Warning, verdict{"makes readers wait for rare writes", "make readers wait for what rarely changes", ""}},
	{RuleWriterStarvation, FamilyContention, Warning, verdict{"makes writers wait for readers", "make writers wait for readers", ""}},
	{RuleLoopBlocked, FamilyLoop, Warning, verdict{"blocks its event loop", "block its event loop", ""}},
	{RuleLoopSaturated, FamilyLoop, Warning, verdict{"overloads its event loop", "overload its event loop", ""}},
	{RuleSerialized, FamilySchedule, Warning, verdict{"runs its goroutines one at a time", "run its goroutines one at a time", ""}},
	{RuleOversubscribed, FamilySchedule, Warning, verdict{"runs more CPU-bound goroutines than it has processors", "run more CPU-bound goroutines than it has processors", ""}},
	{RuleSequentialWaits, FamilySchedule, Warning, verdict{"waits in sequence where it could wait once", "wait in sequence where it could wait once", ""}},
	{RuleSchedLatency, FamilySchedule, Warning, verdict{"waits for processors", "wait for processors", ""}},
	{RuleCPUStarved, FamilySchedule, Warning, verdict{"runs without enough CPU cores", "run without enough CPU cores", ""}},
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
