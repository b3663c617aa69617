package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// CheckSuppress reports whether text is a suppression: "RULE", or "RULE:FUNC" for
// the findings of a rule that name a function, in full ("example.com/bank.Move")
// or as reports print it ("bank.Move"). The error says what is wrong with it.
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

// suppress drops the findings that any of texts names, and says how many.
func suppress(rep *finding.Report, texts []string) {
	for _, text := range texts {
		rule, function, _ := strings.Cut(text, ":")
		before := len(rep.Findings)
		rep.Findings = slices.DeleteFunc(rep.Findings, func(f finding.Finding) bool {
			return f.Rule == rule && (function == "" || names(&f, function))
		})
		if n := before - len(rep.Findings); n > 0 {
			rep.Warn("", "%d suppressed by %s", n, text)
		}
	}
}

// names reports whether the function is at one of the finding's sites. Callers
// further out do not count: main.main would suppress everything.
func names(f *finding.Finding, function string) bool {
	is := func(frame finding.Frame) bool { return frame.Func == function || frame.ShortFunc() == function }
	at := func(s finding.Stack) bool { return is(s.Site()) || is(s.User()) }
	for _, r := range f.Resources {
		if is(r.Class) {
			return true
		}
	}
	for _, g := range f.Goroutines {
		if at(g.Stack) || is(g.Created) || g.Wait != nil && at(g.Wait.Stack) {
			return true
		}
		if slices.ContainsFunc(g.Holds, func(h finding.Hold) bool { return at(h.Stack) }) {
			return true
		}
	}
	return slices.ContainsFunc(f.Places, func(p finding.Place) bool { return at(p.Stack) })
}
