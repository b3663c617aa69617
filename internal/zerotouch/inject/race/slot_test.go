package race

import "testing"

// TestLives: a cell says whose access it was as long as the slot's history goes back, and never names
// another goroutine.
func TestLives(t *testing.T) {
	fresh(t)
	main := ftStart(nil)
	main.name(ftLife{goid: 1, test: 5})
	first := main.stamp
	main.dirty = true
	main.renew()
	main.name(ftLife{goid: 1, test: 6, created: 9})
	if life := ftLifeOf(first); life.goid != 1 || life.test != 6 || life.created != 9 {
		t.Errorf("life %+v", life)
	}
	// The slot has more lives than are remembered.
	var stamps []ftStamp
	ftSlotFresh = ftSlotsFirst // no fresh ones: the slot of the one that ended is next
	task := ftStart(nil)
	for goid := uint64(10); goid < 10+2*ftLives; goid++ {
		ftEnd(task)
		task = ftStart(nil)
		task.name(ftLife{goid: goid})
		stamps = append(stamps, task.stamp)
	}
	for i, s := range stamps {
		if i > 0 && s.slot() != stamps[0].slot() {
			t.Fatalf("slots %d and %d: the test wants one", s.slot(), stamps[0].slot())
		}
		life, want := ftLifeOf(s), uint64(10+i)
		if i < ftLives {
			want = 0
		}
		if life.goid != want {
			t.Errorf("stamp %d of goroutine %d is said to be of %d", i, 10+i, life.goid)
		}
	}
}

// TestHeld: what was held is known of each epoch, for a while.
func TestHeld(t *testing.T) {
	fresh(t)
	task := ftStart(nil)
	free := task.stamp
	task.access(testHeap, 8, ftWrite, 1)
	task.held.n, task.held.what[0], task.held.how[0] = 1, 77, 8
	task.holds()
	locked := task.stamp
	if locked == free {
		t.Fatal("an access before and one under the lock have one epoch")
	}
	task.held.n = 0
	task.holds() // nothing was done under it
	if h := ftHeldAt(free); h == nil || h.n != 0 {
		t.Errorf("before: %+v", h)
	}
	if h := ftHeldAt(task.stamp); h == nil || h.n != 0 {
		t.Errorf("after: %+v", h)
	}
	task.held.n = 1
	task.holds()
	task.access(testHeap, 8, ftWrite, 1)
	locked = task.stamp
	if h := ftHeldAt(locked); h == nil || h.n != 1 || h.what[0] != 77 || h.how[0] != 8 {
		t.Errorf("under the lock: %+v", h)
	}
	for range ftHeldEpochs {
		task.dirty = true
		task.renew()
	}
	if h := ftHeldAt(locked); h != nil {
		t.Errorf("long ago: %+v", h)
	}
}

// TestAcquireAll: finalizers come after all that was done.
func TestAcquireAll(t *testing.T) {
	fresh(t)
	a, b, last := ftStart(nil), ftStart(nil), ftStart(nil)
	found := 0
	ftOnRace = func(*ftTask, uintptr, uint64, uint64) { found++ }
	a.access(testHeap, 8, ftWrite, 1)
	b.access(testHeap+8, 8, ftWrite, 1)
	ftEnd(b)
	last.acquireAll()
	last.accessRange(testHeap, 16, ftWrite, 2)
	if found != 0 {
		t.Errorf("%d races with what was done before", found)
	}
	a.access(testHeap+8, 1, 0, 3)
	if found != 1 {
		t.Errorf("%d races, want one with the access that nothing orders", found)
	}
}

// TestRanges: an access to a range is one to each of its bytes, within the region.
func TestRanges(t *testing.T) {
	fresh(t)
	a, b := ftStart(nil), ftStart(nil)
	var at []uintptr
	ftOnRace = func(_ *ftTask, addr uintptr, _, _ uint64) { at = append(at, addr) }
	a.accessRange(testHeap+3, 20, ftWrite, 1)
	for i := uintptr(0); i < 32; i++ {
		b.access(testHeap+i, 1, 0, 2)
	}
	if len(at) != 20 || at[0] != testHeap+3 {
		t.Errorf("races at %x", at)
	}
	end := uintptr(testHeap + testHeapSize)
	a.accessRange(end-4, 100, ftWrite, 1) // what lies beyond has no shadow
	b.accessRange(testHeap-100, 50, ftWrite, 1)
	a.accessRange(testData, 8, ftWrite, 1)
	at = nil
	b.accessRange(testData, 1, ftWrite, 1)
	if len(at) != 1 {
		t.Errorf("%d races of global variables, want 1", len(at))
	}
}
