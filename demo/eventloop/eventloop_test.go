package eventloop

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestEventsAreLateByWhatTheHandlerWaits(t *testing.T) {
	const wait = 15 * time.Millisecond
	slow := func() { time.Sleep(wait) }
	synctest.Test(t, func(t *testing.T) {
		// The event right after the slow one comes 2 ms later and waits the rest.
		if got := Inline(100, slow); got != wait-2*time.Millisecond {
			t.Errorf("inline: the latest event was %v late, want %v", got, wait-2*time.Millisecond)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		if got := Offloaded(100, slow); got != 0 {
			t.Errorf("offloaded: the latest event was %v late, want none", got)
		}
	})
}
