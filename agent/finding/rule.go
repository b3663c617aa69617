package finding

import (
	"embed"
	"slices"
	"strings"
)

// Rule is one kind of disease. Its ID is lower-case words with dashes and never
// changes once shipped: it is a flag value, a page name and part of fingerprints.
type Rule struct {
	ID     string
	Family string
	// Severity is the default; a finding may differ where the measures say so.
	Severity Severity
}

// rules is the catalogue in the order in which it is shown. It holds a rule only
// when something reports it.
var rules = [...]Rule{
	{"lock-cycle", "deadlock", Error},
	{"deadlock", "deadlock", Error},
	{"self-deadlock", "deadlock", Error},
	{"rlock-recursion", "deadlock", Error},
	{"lock-upgrade", "deadlock", Error},
	{"abandoned-lock", "deadlock", Error},
	{"stuck", "deadlock", Error},
	{"lock-order", "deadlock", Error},
	{"send-on-closed", "misuse", Error},
	{"double-close", "misuse", Error},
	{"nil-channel", "misuse", Error},
	{"not-held", "misuse", Error},
	{"lock-copied", "misuse", Error},
	{"foreign-unlock", "misuse", Info},
	{"waitgroup-misuse", "misuse", Error},
	{"data-race", "race", Error},
	{"goroutine-leak", "leak", Warning},
	{"contention", "contention", Warning},
	{"coarse-section", "contention", Warning},
	{"blocking-under-lock", "contention", Warning},
	{"convoy", "contention", Warning},
	{"hot-counter", "contention", Warning},
	{"read-mostly", "contention", Warning},
	{"writer-starvation", "contention", Warning},
	{"loop-blocked", "loop", Warning},
	{"loop-saturated", "loop", Warning},
	{"serialized", "schedule", Warning},
	{"oversubscribed", "schedule", Warning},
	{"sequential-waits", "schedule", Warning},
	{"sched-latency", "schedule", Warning},
	{"cpu-starved", "schedule", Warning},
}

//go:embed rules/*.md
var pages embed.FS

// Rules returns the catalogue, family by family. The caller owns the slice.
func Rules() []Rule { return slices.Clone(rules[:]) }

// LookupRule returns the rule with the id, and whether there is one.
func LookupRule(id string) (Rule, bool) {
	i := slices.IndexFunc(rules[:], func(r Rule) bool { return r.ID == id })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// Page returns the rule's page in Markdown: what it means, wrong and right code,
// how sure the tool is, how to fix and how to silence it.
func (r Rule) Page() string {
	page, err := pages.ReadFile("rules/" + r.ID + ".md")
	if err != nil {
		panic("finding: rule " + r.ID + " has no page") // a test reads every page
	}
	return string(page)
}

// Title returns the first heading of the rule's page without the rule's name.
func (r Rule) Title() string {
	first, _, _ := strings.Cut(r.Page(), "\n")
	return strings.TrimPrefix(first, "# "+r.ID+": ")
}
