//go:build !concdoctor_off

package suite

import "github.com/concdoctor/concdoctor/agent/finding"

// waitScenarios are programs that hang on more than locks.
var waitScenarios = []scenario{
	{
		name: "a lock that its holder took with it", truth: hangs, kinds: bothLocks, ends: "abandoned-lock",
		want: []brief{{
			"abandoned-lock", "potential", []finding.ResourceKind{stageLock}, []string{"takeFirst"}, []string{"takeSecond"},
		}},
		program: func(s *stage) {
			a := s.lock()
			inTurn(func() { takeFirst(a) })
			takeSecond(a)
		},
	},
}
