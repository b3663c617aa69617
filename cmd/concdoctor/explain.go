package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/concdoctor/concdoctor/agent/finding"
)

func explainCommand() *command {
	return &command{
		name:  "explain",
		args:  "[RULE]",
		short: "explain a rule: what it means and how to fix what it finds",
		long: `Explain prints the page of a rule: what it means, wrong and right code, how certain its
findings are, how to fix them and how to suppress them. Without a rule it lists all
rules.`,
		words: ruleNames,
		setup: func(*pflag.FlagSet) action { return explain },
	}
}

func explain(_ context.Context, std *streams, args []string) error {
	switch len(args) {
	case 0:
		return listRules(std.out)
	case 1:
		return explainRule(std.out, args[0])
	}
	return usagef("explain", "want one rule, got %d", len(args))
}

func explainRule(w io.Writer, name string) error {
	rule, known := finding.LookupRule(finding.RuleID(name))
	if !known {
		text := fmt.Sprintf("unknown rule %q", name)
		if near := nearest(name, ruleNames()); len(near) > 0 {
			text += "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return usagef("explain", "%s", text)
	}
	_, err := io.WriteString(w, rule.Page())
	return err
}

func listRules(w io.Writer) error {
	longest := 0
	for _, r := range finding.Rules() {
		longest = max(longest, len(r.ID))
	}
	for _, r := range finding.Rules() {
		if _, err := fmt.Fprintf(w, "%-*s  %-7s  %s\n", longest, r.ID, r.Severity, r.Title()); err != nil {
			return err
		}
	}
	return nil
}

func ruleNames() []string {
	var names []string
	for _, r := range finding.Rules() {
		names = append(names, string(r.ID))
	}
	return names
}
