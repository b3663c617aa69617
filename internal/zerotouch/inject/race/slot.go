package race

import "unsafe"

// ftSlotState is one of the places in vector clocks. A goroutine has one while it lives; those that
// find none free share one, and are taken to be ordered among themselves.
type ftSlotState struct {
	epoch uint32 // the last that was handed out: each is handed out once
	users uint32 // goroutines that have the slot
	lives [ftLives]ftLife
	next  uint32 // of lives
	held  [ftHeldEpochs]ftHeld
}

// ftLife is the time in which a goroutine had a slot.
type ftLife struct {
	first   uint32 // its first epoch; 0 for none
	shared  bool   // others had the slot at the same time
	test    uint32
	created uint32 // where, as the recorder knows it
	goid    uint64
}

const (
	ftLives = 8
	// ftSlotsFirst is how many slots are handed out before the first is used again: as long a
	// goroutine that ended stays distinct from those that come after it.
	ftSlotsFirst = 256
	// ftHeldEpochs is for how many epochs it stays known which locks were held.
	ftHeldEpochs = 64
	// ftHeldMost is how many locks of a goroutine are known to have been held.
	ftHeldMost = 3
)

// ftHeld is which locks a goroutine held in an epoch, as the recorder knows them: of each what it
// is, and the stack that acquired it.
type ftHeld struct {
	epoch uint32
	n     uint32 // of which the first are known
	what  [ftHeldMost]uint64
	how   [ftHeldMost]uint64
}

var (
	ftSlotLock  ftLock
	ftSlots     *[ftSlotCount]ftSlotState
	ftSlotFresh uint32 // slots that were ever handed out are below
	ftSlotQueue [ftSlotCount]uint16
	ftSlotHead  uint32 // of the queue of free slots, oldest first
	ftSlotTail  uint32
	ftSlotSpent uint32 // slots without epochs left
	ftSlotShare uint32 // which one was shared last
)

// takeSlot gives the goroutine a slot, and its first epoch there. There may be none with epochs
// left: then what the goroutine does is not seen until ftReset.
//
//go:nosplit
func (t *ftTask) takeSlot() {
	ftSlotLock.lock()
	slot, ok := ftFreeSlot()
	if !ok {
		ftSlotLock.unlock()
		t.stamp, ftWantsReset = 0, true
		return
	}
	s := &ftSlots[slot]
	s.users++
	epoch := ftXadd(&s.epoch, 1) // others that share it may be using one up too
	t.stamp = ftStamp(slot<<ftEpochBits | min(epoch, ftEpochMask))
	t.place = s.next % ftLives
	life := &s.lives[t.place]
	*life = ftLife{first: epoch, shared: s.users > 1, goid: t.life.goid, test: t.life.test, created: t.life.created}
	s.next++
	if s.users > 1 {
		for i := range s.lives {
			s.lives[i].shared = true
		}
	}
	ftSlotLock.unlock()
	t.dirty = false
	t.notes()
}

// ftFreeSlot returns the slot to hand out next: with the lock held.
//
//go:nosplit
func ftFreeSlot() (uint32, bool) {
	if ftSlotFresh < ftSlotsFirst {
		ftStore(&ftSlotFresh, ftSlotFresh+1)
		return ftSlotFresh - 1, true
	}
	for ftSlotHead != ftSlotTail {
		slot := uint32(ftSlotQueue[ftSlotHead%ftSlotCount])
		ftSlotHead++
		if ftSlots[slot].epoch < ftEpochMask {
			return slot, true
		}
	}
	if ftSlotFresh < ftSlotCount {
		ftStore(&ftSlotFresh, ftSlotFresh+1)
		return ftSlotFresh - 1, true
	}
	for range ftSlotCount {
		ftSlotShare = (ftSlotShare + 1) % ftSlotCount
		if ftSlots[ftSlotShare].epoch < ftEpochMask {
			return ftSlotShare, true
		}
	}
	return 0, false
}

// leaveSlot gives the slot of the goroutine back.
//
//go:nosplit
func (t *ftTask) leaveSlot() {
	if t.stamp == 0 {
		return
	}
	slot := t.stamp.slot()
	s := &ftSlots[slot]
	ftSlotLock.lock()
	s.users--
	if s.users == 0 && s.epoch < ftEpochMask {
		ftSlotQueue[ftSlotTail%ftSlotCount] = uint16(slot)
		ftSlotTail++
	}
	ftSlotLock.unlock()
}

// name tells whose the slot is from now on.
//
//go:nosplit
func (t *ftTask) name(life ftLife) {
	t.life = life
	if t.stamp == 0 {
		return
	}
	l := &ftSlots[t.stamp.slot()].lives[t.place]
	ftSlotLock.lock()
	if l.goid == life.goid || l.goid == 0 { // not overwritten by others that share the slot
		l.goid, l.test, l.created = life.goid, life.test, life.created
	}
	ftSlotLock.unlock()
}

// ftLifeOf returns the goroutine that had a slot in an epoch; goid 0 says that it is not known.
//
//go:nosplit
func ftLifeOf(stamp ftStamp) ftLife {
	s := &ftSlots[stamp.slot()]
	var found ftLife
	ftSlotLock.lock()
	for i := range s.lives {
		if l := &s.lives[i]; l.first != 0 && l.first <= stamp.epoch() && l.first >= found.first {
			found = *l
		}
	}
	full := s.next > ftLives
	ftSlotLock.unlock()
	if found.shared || found.first == 0 && full {
		return ftLife{}
	}
	return found
}

// ftHeldAt returns what the goroutine held in an epoch, nil if that is not known any more.
//
//go:nosplit
func ftHeldAt(stamp ftStamp) *ftHeld {
	h := &ftSlots[stamp.slot()].held[stamp.epoch()%ftHeldEpochs]
	if h.epoch != stamp.epoch() {
		return nil
	}
	return h
}

// initSlots reserves the table.
func ftInitSlots() {
	ftSlots = (*[ftSlotCount]ftSlotState)(ftReserve(unsafe.Sizeof([ftSlotCount]ftSlotState{})))
}
