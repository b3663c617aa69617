package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// truthText has a program a line, and the resources that hang in it.
//
//go:embed truth.txt
var truthText string

// truths are the resources that a finding has to name, by program. Each may have several
// names, separated by bars.
type truths map[string][]string

func readTruths() (truths, error) {
	all := make(truths)
	for line := range strings.Lines(truthText) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0, strings.HasPrefix(words[0], "#"):
		case len(words) == 1 || all[words[0]] != nil:
			return nil, fmt.Errorf("truth.txt: want one line with resources for %s", words[0])
		default:
			all[words[0]] = words[1:]
		}
	}
	return all, nil
}

// areNamed reports whether one of the findings about the program names all that hangs in it.
func (t truths) areNamed(program string, all []finding.Finding) bool {
	return slices.ContainsFunc(all, func(f finding.Finding) bool {
		return !slices.ContainsFunc(t[program], func(word string) bool { return !hasResource(&f, word) })
	})
}

// hasResource reports whether a finding names the resource.
func hasResource(f *finding.Finding, word string) bool {
	for name := range strings.SplitSeq(word, "|") {
		if slices.ContainsFunc(f.Resources, func(r finding.Resource) bool {
			return strings.HasSuffix(r.Name, name) || strings.HasPrefix(r.Name, name+" of ")
		}) {
			return true
		}
	}
	return false
}
