package httpagent

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/agent/snapshot"
)

// findings is the page of what was found, worst first.
type findings struct {
	Findings []finding.Finding `json:"findings"`
}

func newFindings(s *snapshot.Snapshot) *findings { return &findings{s.Findings} }

// Evidence is the text of a finding without its headline.
func (*findings) Evidence(f finding.Finding) string {
	var b strings.Builder
	finding.Printer{}.PrintEvidence(&b, &f, "")
	return b.String()
}
