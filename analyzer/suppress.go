package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// CheckSuppress reports whether text is a suppression: "RULE", or "RULE:FUNC" for
// the findings of a rule at whose sites a function with FUNC in its full name
// stands. The error says what is wrong with it.
func CheckSuppress(text string) error {
	rule, function, scoped := strings.Cut(text, ":")
	if _, known := finding.LookupRule(rule); !known {
		return fmt.Errorf("suppressing %q: no rule %q; concdoctor explain lists them", text, rule)
	}
	if scoped && function == "" {
		return fmt.Errorf("suppressing %q: no function after the colon; want RULE or RULE:FUNC", text)
	}
	return nil
}

// suppress sets the findings aside that any of texts names, and says how many.
func suppress(rep *finding.Report, texts []string) {
	for _, text := range texts {
		before := len(rep.Findings)
		rep.Findings = slices.DeleteFunc(rep.Findings, func(f finding.Finding) bool {
			named := f.IsSuppressed([]string{text})
			if named {
				rep.Suppressed = append(rep.Suppressed, finding.Suppressed{By: text, Finding: f})
			}
			return named
		})
		if n := before - len(rep.Findings); n > 0 {
			rep.Warn("", "suppressed by %s: %d", text, n)
		}
	}
}
