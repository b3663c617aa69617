package verdict

import (
	"testing"
	"testing/synctest"
	"time"
)

// A costly first look, which checks packages, does not keep the next one away; many costly
// looks do.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var used time.Duration
		p := newPace(DefaultInterval)
		p.used = func() (time.Duration, bool) { return used, true }
		look := func(wall, cost time.Duration) time.Duration {
			p.begin()
			time.Sleep(wall)
			used += cost
			return p.rest()
		}
		for _, tt := range []struct {
			what             string
			wall, cost, rest time.Duration
		}{
			{"waits for an answer", time.Second, time.Millisecond, DefaultInterval},
			{"is small", time.Millisecond, 10 * time.Millisecond, time.Second},
			{"checks packages", 8 * time.Second, 4 * time.Second, creditRest},
			{"spends the credit", 2 * time.Second, 1500 * time.Millisecond, 150 * time.Second},
		} {
			if rest := look(tt.wall, tt.cost); rest != tt.rest {
				t.Errorf("after a look that %s: %v, want %v", tt.what, rest, tt.rest)
			}
		}
		time.Sleep(time.Hour)
		if rest := look(time.Millisecond, time.Second); rest != creditRest {
			t.Errorf("after an hour: %v, want %v", rest, creditRest)
		}
	})
}
