package store

import (
	"sync"
	"testing"
	"time"
)

// TestDay passes, since the audit comes when the sale is long over. Nothing makes it
// come then.
func TestDay(t *testing.T) {
	s := New(10)
	var day sync.WaitGroup
	day.Go(s.Sell)
	day.Go(func() {
		time.Sleep(5 * time.Millisecond)
		if got := s.Audit(); got != 10 {
			t.Errorf("Audit = %d, want 10", got)
		}
	})
	day.Wait()
}
