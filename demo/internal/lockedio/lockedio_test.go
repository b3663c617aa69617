package lockedio

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRoundTripsQueueOrOverlap(t *testing.T) {
	ask := func() string {
		time.Sleep(5 * time.Millisecond)
		return "answer"
	}
	synctest.Test(t, func(t *testing.T) {
		cache := New()
		if got := Serve(10, cache.Ask, ask); got != 10*5*time.Millisecond {
			t.Errorf("unlocked: %v, want the 50ms of one client", got)
		}
		if got := Serve(10, cache.AskLocked, ask); got != 0 {
			t.Errorf("answers that are known took %v, want no time", got)
		}
	})
}

func TestBothAnswerTheSame(t *testing.T) {
	for name, query := range map[string]func(*Cache, int, func() string) string{"locked": (*Cache).AskLocked, "unlocked": (*Cache).Ask} {
		cache, asked := New(), 0
		for range 2 {
			if got := query(cache, 7, func() string { asked++; return "seven" }); got != "seven" {
				t.Errorf("%s: answer %q", name, got)
			}
		}
		if asked != 1 {
			t.Errorf("%s: asked %d times, want once", name, asked)
		}
	}
}
