package main

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// judgementText has a pattern of findings a line, as in a suppression file, and behind it
// "true: " or "false: " and the reason.
//
//go:embed judgements.txt
var judgementText string

// judge knows what the findings are worth.
type judge []finding.Suppression

// verdict is a judgement. The zero value is none.
type verdict struct {
	word   string // "true" or "false"
	reason string
}

func newJudge() (judge, error) {
	all, err := finding.ReadSuppressions("judgements.txt", strings.NewReader(judgementText))
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if v := verdictOf(s); v.word != "true" && v.word != "false" || v.reason == "" {
			return nil, fmt.Errorf("%s: want true or false and a reason after the pattern", s.Where)
		}
	}
	return all, nil
}

func verdictOf(s finding.Suppression) verdict {
	word, reason, _ := strings.Cut(s.Reason, ": ")
	return verdict{word, reason}
}

func (j judge) verdict(f *finding.Finding) verdict {
	if s, known := f.SuppressedBy(j); known {
		return verdictOf(s)
	}
	return verdict{word: "unjudged"}
}
