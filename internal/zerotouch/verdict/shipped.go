package verdict

import (
	_ "embed"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

//go:embed shipped.txt
var shippedText string

// shipped returns the suppressions that come with the program.
func shipped() []finding.Suppression {
	all, err := finding.ReadSuppressions("concdoctor's own list", strings.NewReader(shippedText))
	if err != nil {
		panic("verdict: the list of suppressions: " + err.Error()) // a test reads it
	}
	return all
}

// isForeign reports whether nothing at fault is the program's own: every lock of a cycle
// is taken and asked for inside the standard library. Its locks are its business.
func isForeign(f *finding.Finding) bool {
	if f.Rule != finding.RuleLockCycle && f.Rule != finding.RuleRLockRecursion {
		return false
	}
	for _, g := range f.Goroutines {
		for _, h := range g.Holds {
			if !h.Stack.Site().IsStandard() {
				return false
			}
		}
		if g.Wait != nil && !g.Wait.Stack.Site().IsStandard() {
			return false
		}
	}
	return true
}
