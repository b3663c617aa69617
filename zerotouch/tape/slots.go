package tape

import "bytes"

// slotsAtOnce bounds the memory that a reading takes.
const slotsAtOnce = 4096

// readSlots reads the goroutines. A slot may be written while it is read: its control
// word, written last, has another number then. Two readings that agree are one moment.
func (f *File) readSlots(t *Tape, objects map[uint64]object, count uint64) {
	count = min(count, tapeSlotCount)
	var one, two []byte
	for first := uint64(0); first < count; first += slotsAtOnce {
		n := int(min(count-first, slotsAtOnce)) * tapeSlotSize
		if one == nil {
			one, two = make([]byte, n), make([]byte, n)
		}
		one, two = one[:n], two[:n]
		at := tapeSlots + int64(first)*tapeSlotSize
		f.fill(one, at)
		f.fill(two, at)
		for i := 0; i < n; i += tapeSlotSize {
			slot := f.settled(one[i:i+tapeSlotSize], two[i:i+tapeSlotSize], at+int64(i))
			if g, ok := f.goroutine(slot, objects); ok {
				t.Goroutines = append(t.Goroutines, g)
			}
		}
	}
}

// settled returns a reading of a slot that was the same twice, or the last of some if
// its goroutine is too busy: then what it waits for and holds is of that moment at most.
func (f *File) settled(one, two []byte, at int64) []byte {
	const public = 8 * (tapeSlotCases + tapeCaseCount)
	for range 8 {
		// What the goroutine keeps for itself changes without a number.
		if word(one, tapeSlotControl) == word(two, tapeSlotControl) && bytes.Equal(one[8*tapeSlotID:8*tapeSlotMore], two[8*tapeSlotID:8*tapeSlotMore]) {
			return one[:public]
		}
		one, two = two, f.section(at, tapeSlotSize)
	}
	return two[:public]
}

func (f *File) goroutine(slot []byte, objects map[uint64]object) (Goroutine, bool) {
	control := word(slot, tapeSlotControl)
	if control&tapeControlAlive == 0 {
		return Goroutine{}, false
	}
	test, more := word(slot, tapeSlotTest), word(slot, tapeSlotMore)
	c := f.created(uint32(test >> 32))
	g := Goroutine{
		ID: word(slot, tapeSlotID), Parent: word(slot, tapeSlotParent), Seq: control / tapeControlCount,
		Test: f.text(uint32(test)), Created: c.by, Start: c.start, System: isSystem(c.start.Func),
		Born: int64(word(slot, tapeSlotBorn)), MoreHeld: int(uint32(more)), Bubble: more>>32&tapeFlagBubble != 0,
		Leaked: more>>32&tapeFlagLeaked != 0,
	}
	for i := range min(int(control&tapeControlHeld), tapeHeldCount) {
		what, how := word(slot, tapeSlotHeld+2*i), word(slot, tapeSlotHeld+2*i+1)
		now, known := objects[what>>16]
		switch id := how >> 32; {
		case known && now.flags&tapeObjectHandover != 0:
			continue // nobody's
		case id != 0 && (!known || now.id != id):
			continue // collected while held
		}
		h := Hold{Object: objectOf(what, now.id), Mode: Mode(what & tapeModeShared), Stack: f.stack(uint32(how))}
		g.Held = append(g.Held, h)
	}
	if control&tapeControlWait != 0 {
		g.Wait = f.wait(slot, control, objects)
	}
	return g, true
}

func objectOf(what, id uint64) Object {
	return Object{ID: id, Addr: what >> 16, Kind: Kind(what >> 8 & 0xff)}
}

func (f *File) wait(slot []byte, control uint64, objects map[uint64]object) *Wait {
	wait := word(slot, tapeSlotWait)
	w := &Wait{
		Kind: Kind(wait), Mode: Mode(wait >> 8 & tapeModeShared), Stack: f.stack(uint32(wait >> 32)),
		Since: int64(word(slot, tapeSlotSince)), MoreCases: control&tapeControlMore != 0,
		Woken: word(slot, tapeSlotMore)>>32&tapeFlagWoken != 0,
	}
	for i := range min(int(control&tapeControlCases>>8), tapeCaseCount) {
		what := word(slot, tapeSlotCases+i)
		o := objects[what>>16]
		c := Case{Object: objectOf(what, o.id), Timer: o.flags&tapeObjectTimer != 0}
		if k := c.Kind; k != Mutex && k != RWMutex {
			c.Side = Side(what & 0xff)
		}
		w.Cases = append(w.Cases, c)
	}
	return w
}
