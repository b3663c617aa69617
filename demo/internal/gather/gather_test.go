package gather

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSixUnitsOrThree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := Sequential(time.Second, time.Sleep); got != 6*time.Second {
			t.Errorf("one after the other took %v, want 6s", got)
		}
		if got := Concurrent(time.Second, time.Sleep); got != 3*time.Second {
			t.Errorf("all at once took %v, want 3s", got)
		}
	})
}
