package hang

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// path is a stack whose frames are given from the innermost one: "f1" is line 1 of f.
func path(frames ...string) (s finding.Stack) {
	for _, f := range frames {
		s = append(s, finding.Frame{Func: "bank." + f[:1], File: "/w/bank/bank.go", Line: int(f[1] - '0')})
	}
	return s
}

func TestReturned(t *testing.T) {
	for _, c := range []struct {
		name       string
		hold, wait finding.Stack
		want       bool
	}{
		{"called again by the caller's next line", path("f1", "m1", "t1"), path("f1", "m2", "t1"), true},
		{"called again by a caller further out", path("f1", "g1", "m1"), path("f1", "g1", "m2"), true},
		{"another function on the same line", path("f1", "m1"), path("g1", "m1"), true},
		{"a call under the lock", path("f1", "m1"), path("g1", "f2", "m1"), false},
		{"a recursive call", path("f1", "f2", "m1"), path("f1", "f2", "f2", "m1"), false},
		{"a loop", path("f1", "m1"), path("f1", "m1"), false},
		{"two lines of one function", path("f1", "m1"), path("f2", "m1"), false},
		{"a helper that locks for its caller", path("l1", "f1", "m1"), path("l1", "f2", "m1"), true},
		{"a cut stack", path("f1"), path("g1", "f2", "m1"), false},
		{"no stack", nil, path("f1"), false},
	} {
		if got := returned(c.hold, c.wait); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
