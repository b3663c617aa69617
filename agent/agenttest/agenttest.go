// Package agenttest fails a test in which the agent found something.
//
//	func TestTransfer(t *testing.T) {
//		agenttest.Verify(t)
//		…
//	}
//
// Findings belong to the process, so with parallel tests a finding fails each
// test that was running when it was seen.
package agenttest

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestingT is the part of *testing.T that Verify needs; *testing.B and
// *testing.F have it too.
type TestingT interface {
	Helper()
	Errorf(format string, args ...any)
	Cleanup(func())
}

// Verify fails t at its end for each finding of certainty potential or above that
// was seen, for the first time or again, since the call. Options{MinCertainty,
// Suppress} of the agent apply.
func Verify(t TestingT) {
	t.Helper()
	before := counts()
	t.Cleanup(func() {
		t.Helper()
		for _, f := range agent.Findings() {
			if f.Certainty < finding.Potential || f.Count <= before[f.Fingerprint] {
				continue
			}
			var text strings.Builder
			_ = finding.Printer{}.Print(&text, &f) // a strings.Builder takes everything
			t.Errorf("concdoctor: %s", text.String())
		}
	})
}

func counts() map[string]int64 {
	seen := make(map[string]int64)
	for _, f := range agent.Findings() {
		seen[f.Fingerprint] = f.Count
	}
	return seen
}
