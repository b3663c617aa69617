package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// maxDiagnoses keeps the verdict one sentence.
const maxDiagnoses = 3

// Verdict returns the report's first sentence, built from its findings, which are in
// order; without any it says what was blocked, or what was looked at. It says how a
// process ended that left goroutines blocked, and what could not be read.
func Verdict(rep *finding.Report) string {
	if len(rep.Inputs) == 0 && len(rep.Findings) == 0 && len(rep.Blocked) == 0 {
		return "nothing could be analyzed"
	}
	parts := []string{summaryOf(rep)}
	if ended := endedBlocked(rep); ended != "" && ended != parts[0] {
		parts = append(parts, ended)
	}
	if unread := unreadInputs(rep); unread != "" {
		if len(rep.Findings)+len(rep.Blocked) == 0 && isUnread(rep) {
			return unread
		}
		parts = append(parts, unread)
	}
	return strings.Join(parts, "; ")
}

func summaryOf(rep *finding.Report) string {
	switch ended := endedBlocked(rep); {
	case len(rep.Findings) > 0:
		return counts(rep) + ": the program " + finding.Join(worst(rep))
	case ended != "":
		return ended
	case len(rep.Blocked) > 0 && rep.Blocked[0].Ended != "":
		return "no finding; " + rep.Blocked[0].Headline()
	case len(rep.Blocked) > 0:
		return "no finding, " + stillBlocked(rep)
	}
	return "nothing found in " + finding.Join(kinds(rep.Inputs))
}

// endedBlocked says how the first process ended that left goroutines blocked, and how
// many more did; "" if none did. Goroutines that had nothing to do are no news.
func endedBlocked(rep *finding.Report) string {
	text, more := "", 0
	for i := range rep.Blocked {
		switch p := &rep.Blocked[i]; {
		case p.Ended == "" || p.IsIdle():
		case text == "":
			text = p.Headline()
		default:
			more++
		}
	}
	if more > 0 {
		text += fmt.Sprintf(", and %s with goroutines blocked", finding.Plural(more, "more process"))
	}
	return text
}

// stillBlocked counts the blocked goroutines of processes that were alive. What several
// inputs say about one process is not added up.
func stillBlocked(rep *finding.Report) string {
	var most int64
	var places int
	for i := range rep.Blocked {
		if p := &rep.Blocked[i]; p.Count > most {
			most, places = p.Count, len(p.Groups)
		}
	}
	return fmt.Sprintf("%s blocked in %s", finding.Plural(most, "goroutine"), finding.Plural(places, "place"))
}

// isUnread reports whether nothing could be read of any input.
func isUnread(rep *finding.Report) bool {
	return !slices.ContainsFunc(rep.Inputs, func(in finding.Input) bool {
		return !slices.ContainsFunc(rep.Warnings, func(c finding.Caveat) bool { return c.Unread && c.Input == in.Name })
	})
}

// unreadInputs says which input could not be read, or how many, "" if none.
func unreadInputs(rep *finding.Report) string {
	var names []string
	for _, c := range rep.Warnings {
		if c.Unread && !slices.Contains(names, c.Input) {
			names = append(names, c.Input)
		}
	}
	partly := func(name string) bool { return isPartlyRead(rep, name) }
	switch n := len(names); {
	case n > 1 && slices.ContainsFunc(names, partly):
		return fmt.Sprintf("%d inputs could not be read, or in part only", n)
	case n > 1:
		return fmt.Sprintf("%d inputs could not be read", n)
	case n == 1 && partly(names[0]):
		return names[0] + " could be read in part only"
	case n == 1:
		return names[0] + " could not be read"
	}
	return ""
}

// isPartlyRead reports whether something could be read of an input.
func isPartlyRead(rep *finding.Report, name string) bool {
	return slices.ContainsFunc(rep.Inputs, func(in finding.Input) bool { return in.Name == name && in.Events > 0 })
}

// kinds lists what was read: "an execution trace", "2 mutex profiles".
func kinds(inputs []finding.Input) []string {
	var order []string
	number := make(map[string]int)
	for _, in := range inputs {
		if number[in.Kind]++; number[in.Kind] == 1 {
			order = append(order, in.Kind)
		}
	}
	for i, kind := range order {
		if n := number[kind]; n > 1 {
			order[i] = finding.Plural(n, kind)
		} else {
			order[i] = finding.Article(kind)
		}
	}
	return order
}

// worst lists the diagnoses of the worst findings, each rule once, with the place
// of the first. Remarks are reported only where there is nothing worse: as a rule they
// go with a finding that is.
func worst(rep *finding.Report) []string {
	var words []string
	said := make(map[finding.RuleID]bool)
	for i := range rep.Findings {
		f := &rep.Findings[i]
		remark := f.Severity == finding.Info && rep.Findings[0].Severity > finding.Info
		if remark || said[f.Rule] || len(words) == maxDiagnoses {
			continue
		}
		said[f.Rule] = true
		text := "has " + string(f.Rule)
		if rule, known := finding.LookupRule(f.Rule); known {
			text = rule.Verdict(f.Certainty)
		}
		if at := where(f); at != "" {
			text += " (" + at + ")"
		}
		words = append(words, text)
	}
	return words
}

// where names the function that a reader should look at first.
func where(f *finding.Finding) string {
	for _, p := range f.Places {
		if site := p.Stack.User(); !site.IsZero() {
			return site.ShortFunc()
		}
	}
	for _, g := range f.Goroutines {
		stack := g.Stack
		if g.Wait != nil {
			stack = g.Wait.Stack
		}
		if site := stack.User(); !site.IsZero() {
			return site.ShortFunc()
		}
	}
	return ""
}

// counts says "2 errors, 1 warning".
func counts(rep *finding.Report) string {
	var parts []string
	for severity := finding.Error; severity >= finding.Info; severity-- {
		if n := rep.CountAtOrAbove(severity) - rep.CountAtOrAbove(severity+1); n > 0 {
			parts = append(parts, finding.Plural(n, noun(severity)))
		}
	}
	return strings.Join(parts, ", ")
}

func noun(s finding.Severity) string {
	if s == finding.Info {
		return "remark"
	}
	return s.String()
}
