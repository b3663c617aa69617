package eventloop

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestEventsAreLateByWhatTheHandlerWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := Inline(100, Nap)
		// The event right after the slow one comes 2 ms later and waits the rest.
		if got := slices.Max(late); got != Wait-2*time.Millisecond {
			t.Errorf("inline: the latest event was %v late, want %v", got, Wait-2*time.Millisecond)
		}
		on := 0
		for _, d := range late {
			if d == 0 {
				on++
			}
		}
		// Seven events come while each of ten handlers waits, but only four are left for
		// the last one.
		if want := 100 - 9*7 - 4; len(late) != 100 || on != want {
			t.Errorf("inline: %d of %d events were on time, want %d of 100", on, len(late), want)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		late := Offloaded(100, Nap)
		if got := slices.Max(late); len(late) != 100 || got != 0 {
			t.Errorf("offloaded: of %d events the latest was %v late, want 100 and none", len(late), got)
		}
	})
}
