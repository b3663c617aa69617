package race

import "unsafe"

// ftTask is what the detector knows of a goroutine, or of what runs in turns as one, such as the
// timers of a processor. Only what runs as it uses it, and what has stopped it.
type ftTask struct {
	_     ftNotInHeap
	stamp ftStamp // its epoch; 0 if it has none
	dirty bool    // an access was recorded in this epoch
	live  bool
	node  uint32 // of the calling-context tree
	lost  uint32 // calls that found no room there
	clock ftClock
	life  ftLife
	place uint32  // of life in the slot
	held  ftHeld  // what it holds, kept up to date by the recorder
	next  *ftTask // that is free
	all   *ftTask
}

var (
	ftTaskLock ftLock
	ftTaskFree *ftTask
	ftTaskAll  *ftTask
)

// ftStart returns a new goroutine that comes after all that parent, which may be nil, has done.
//
//go:nosplit
func ftStart(parent *ftTask) *ftTask {
	ftTaskLock.lock()
	t := ftTaskFree
	if t != nil {
		ftTaskFree = t.next
	} else {
		t = (*ftTask)(ftAllocate(unsafe.Sizeof(ftTask{})))
		t.all = ftTaskAll
		ftTaskAll = t
	}
	t.live = true
	ftTaskLock.unlock()
	t.life, t.held.n, t.lost = ftLife{}, 0, 0
	t.node = 0
	t.takeSlot()
	if parent != nil {
		parent.prepare()
		t.clock.assign(&parent.clock)
		t.learn(parent.published())
		parent.renew()
	}
	return t
}

// acquireAll comes after all that was ever done.
//
//go:nosplit
func (t *ftTask) acquireAll() {
	t.clock.own(nil)
	for slot := range ftLoad(&ftSlotFresh) {
		if slot < t.clock.base.words && slot != t.stamp.slot() {
			*t.clock.base.at(slot) = min(ftLoad(&ftSlots[slot].epoch), ftEpochMask)
		}
	}
	t.clock.prune()
}

// ftEnd says that the goroutine is over.
//
//go:nosplit
func ftEnd(t *ftTask) {
	t.clock.reset()
	t.leaveSlot()
	t.stamp = 0
	ftTaskLock.lock()
	t.live = false
	t.next = ftTaskFree
	ftTaskFree = t
	ftTaskLock.unlock()
}

// published is what others may know of the goroutine: its epoch, if it did something in it, else
// the one before.
//
//go:nosplit
func (t *ftTask) published() ftStamp {
	if t.dirty || t.stamp.epoch() == 0 {
		return t.stamp
	}
	return t.stamp - 1
}

// prepare makes room in the clock for the entry that a copy of it needs beside.
//
//go:nosplit
func (t *ftTask) prepare() {
	if t.clock.n == ftNewer {
		t.clock.fold()
	}
}

// renew begins a new epoch if something was recorded in this one, as others know it now.
//
//go:nosplit
func (t *ftTask) renew() {
	if t.dirty {
		t.begin()
	}
}

// begin begins a new epoch.
//
//go:nosplit
func (t *ftTask) begin() {
	if t.stamp == 0 {
		return
	}
	slot := t.stamp.slot()
	s := &ftSlots[slot]
	e := ftXadd(&s.epoch, 1)
	if e >= ftEpochMask {
		t.changeSlot()
		return
	}
	t.stamp = ftStamp(slot<<ftEpochBits | e)
	t.dirty = false
	t.notes()
}

// notes keeps what the goroutine holds in this epoch.
//
//go:nosplit
func (t *ftTask) notes() {
	e := t.stamp.epoch()
	h := &ftSlots[t.stamp.slot()].held[e%ftHeldEpochs]
	h.epoch = 0 // while it is written
	h.n = t.held.n
	for i := uint32(0); i < min(h.n, ftHeldMost); i++ {
		h.what[i], h.how[i] = t.held.what[i], t.held.how[i]
	}
	h.epoch = e
}

// holds says that what the goroutine holds, as t.held has it, is another from now on.
//
//go:nosplit
func (t *ftTask) holds() {
	switch {
	case t.stamp == 0:
	case t.dirty:
		t.begin()
	default:
		t.notes()
	}
}

// changeSlot leaves a slot whose epochs are used up. What was done there stays known.
//
//go:nosplit
func (t *ftTask) changeSlot() {
	old := t.stamp
	s := &ftSlots[old.slot()]
	ftStore(&s.epoch, ftEpochMask) // not beyond, by others that share it
	if ftXadd(&ftSlotSpent, 1) >= ftSlotCount/2 {
		ftWantsReset = true
	}
	t.leaveSlot()
	t.takeSlot()
	t.clock.learn(old)
}

// learn takes an entry over. One of the goroutine's own slot is of another that has it too, or had
// it: what comes from here on has to lie above it.
//
//go:nosplit
func (t *ftTask) learn(s ftStamp) {
	if s.slot() == t.stamp.slot() && t.stamp != 0 {
		if s > t.stamp {
			t.begin()
		}
		return
	}
	t.clock.learn(s)
}

// join takes over what a clock knows.
//
//go:nosplit
func (t *ftTask) join(c *ftClock) {
	if !t.clock.knows(c.base) {
		t.clock.joinBase(c.base)
		if t.clock.base.get(t.stamp.slot()) > t.stamp.epoch() && t.stamp != 0 {
			t.begin()
		}
	}
	for i := uint32(0); i < c.n; i++ {
		t.learn(c.newer[i])
	}
}

// ftWantsReset says that epochs run out.
var ftWantsReset bool

// ftReset begins anew, as if nothing had happened: all epochs can be handed out again. Nothing else may
// run meanwhile.
func ftReset() {
	ftWantsReset = false
	ftHeap.giveBack(ftHeap.lo, min(ftHeapEnd, ftHeap.lo+ftHeap.size))
	ftData.giveBack(ftData.lo, ftData.lo+ftData.size)
	for i := uint32(0); i < ftSyncFresh; i++ {
		ftSyncAt(i + 1).clock.reset()
	}
	*ftSlots = [ftSlotCount]ftSlotState{}
	ftSlotFresh, ftSlotHead, ftSlotTail, ftSlotSpent = 0, 0, 0, 0
	for t := ftTaskAll; t != nil; t = t.all {
		if t.live {
			t.clock.reset()
			t.takeSlot()
			t.notes()
		}
	}
}
