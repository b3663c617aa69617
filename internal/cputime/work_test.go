package cputime_test

import (
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/cputime"
)

// TestCost holds that work costs what processors do, and never more than the time that has
// passed.
func TestCost(t *testing.T) {
	if _, known := cputime.Used(); !known {
		t.Skip("this system does not tell how much processor time a process has used")
	}
	began, w := time.Now(), cputime.Begin()
	for n := 0; w.Cost() == 0; n++ {
	}
	if cost, passed := w.Cost(), time.Since(began); cost > passed {
		t.Errorf("it cost %v in %v", cost, passed)
	}
}
