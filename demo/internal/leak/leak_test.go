package leak

import (
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHalfOfTheHandlersGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A bubble fails if a goroutine is left blocked in it: the cure leaves none.
		if got := Serve(10, 1, 20*time.Millisecond); got != 5 {
			t.Errorf("%d of 10 handlers gave up, want 5", got)
		}
	})
}

func TestTheDiseaseLeavesItsGoroutines(t *testing.T) {
	if got := Serve(10, 0, 20*time.Millisecond); got < 5 { // more, on a busy machine
		t.Errorf("%d of 10 handlers gave up, want at least 5", got)
	}
	if left := senders(); left < 5 {
		t.Errorf("%d goroutines were left, want at least 5", left)
	}
}

// senders counts the goroutines that Handle started and that are alive.
func senders() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "leak.Handle.func1(")
}
