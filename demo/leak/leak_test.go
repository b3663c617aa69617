package leak

import (
	"runtime"
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
	before := runtime.NumGoroutine()
	if got := Serve(10, 0, 20*time.Millisecond); got < 5 { // more, on a busy machine
		t.Errorf("%d of 10 handlers gave up, want at least 5", got)
	}
	if left := runtime.NumGoroutine() - before; left < 5 {
		t.Errorf("%d goroutines were left, want at least 5", left)
	}
}
