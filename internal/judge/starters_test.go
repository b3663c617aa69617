package judge

import (
	"testing"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// TestOwn shows which calls of a stack are the goroutine's own.
func TestOwn(t *testing.T) {
	for _, tt := range []struct {
		start string
		own   bool
	}{
		{"sync.(*WaitGroup).Go.func1", false},
		{"golang.org/x/sync/errgroup.(*Group).Go.func1", false},
		{"golang.org/x/sync/errgroup.(*Group).TryGo.func1", false},
		{"testing.tRunner", false},
		{"runtime.main", false},
		{"main.main", true},
		{"sync.(*WaitGroup).Gone", true},
	} {
		stack := finding.Stack{{Func: "sync.(*Mutex).Lock"}, {Func: "a.work"}, {Func: tt.start}}
		if got := len(Own(stack)) == 2; got != tt.own {
			t.Errorf("%s is shown: %v, want %v", tt.start, got, tt.own)
		}
	}
}
