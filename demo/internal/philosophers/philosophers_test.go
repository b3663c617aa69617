package philosophers

import (
	"sync"
	"testing"
)

func TestOrders(t *testing.T) {
	last := Seats - 1
	if first, second := LeftFirst(last); first != last || second != 0 {
		t.Errorf("LeftFirst(%d) = %d, %d: the circle is not closed", last, first, second)
	}
	for i := range Seats {
		if first, second := LowestFirst(i); first >= second {
			t.Errorf("LowestFirst(%d) = %d, %d", i, first, second)
		}
	}
	if firstForks(LeftFirst) != 5 || firstForks(LowestFirst) != 4 {
		t.Errorf("first forks: %d left first, %d lowest first; want 5 and 4", firstForks(LeftFirst), firstForks(LowestFirst))
	}
}

// TestLowestFirstSurvivesTheMoment ends, or the test binary's time-out says so.
func TestLowestFirstSurvivesTheMoment(t *testing.T) {
	for range 100 {
		ready := 0
		DineTogether(func() sync.Locker { return new(sync.Mutex) }, LowestFirst, func() { ready++ })
		if ready != 1 {
			t.Fatalf("the moment came %d times, want once", ready)
		}
	}
}

func TestLuckIsEnough(t *testing.T) {
	DineByLuck(func() sync.Locker { return new(sync.Mutex) }, LeftFirst)
}
