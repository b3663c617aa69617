package sidebyside

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

var families = []finding.Family{finding.FamilyDeadlock, finding.FamilyMisuse, finding.FamilyLeak}

// IsSerious reports whether a finding says that something is wrong: it is of the
// families deadlock, misuse and leak, and at potential or above.
func IsSerious(f *finding.Finding) bool {
	rule, known := finding.LookupRule(f.Rule)
	return known && slices.Contains(families, rule.Family) && f.Certainty >= finding.Potential
}
