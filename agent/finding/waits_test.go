package finding

import "testing"

func TestIsHangOf(t *testing.T) {
	at := func(rule RuleID, c Certainty, lines ...int) *Finding {
		f := &Finding{Rule: rule, Certainty: c}
		for _, line := range lines {
			f.Goroutines = append(f.Goroutines, Goroutine{Wait: &Wait{Stack: Stack{{Func: "bank.move", File: "/src/bank.go", Line: line}}}})
		}
		return f
	}
	hang := at("deadlock", Observed, 20, 10)
	for _, tt := range []struct {
		name        string
		hang, other *Finding
		want        bool
	}{
		{"the same places", hang, at("lock-cycle", Potential, 10, 20), true},
		{"read twice", hang, at("rlock-recursion", Potential, 20, 10), true},
		{"other places", hang, at("lock-cycle", Potential, 10, 30), false},
		{"one of several cycles", hang, at("lock-cycle", Potential, 10, 20, 30), false},
		{"another rule", hang, at("stuck", Potential, 10, 20), false},
		{"not seen to hang", at("deadlock", Potential, 10, 20), at("lock-cycle", Potential, 10, 20), false},
		{"no places", at("deadlock", Observed), at("lock-cycle", Potential), false},
	} {
		if got := tt.hang.IsHangOf(tt.other); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
