package tape

import (
	"bytes"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

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
			s := f.settled(one[i:i+tapeSlotSize], two[i:i+tapeSlotSize], int64(first)+int64(i/tapeSlotSize))
			if g, ok := f.goroutine(s, objects); ok {
				g.OnlyGlobals = g.OnlyGlobals && g.Look == t.Looks.Count
				t.Goroutines = append(t.Goroutines, g)
			}
		}
	}
}

// slot is what was read of one goroutine: its slot, and what has no room there, nil if
// that is not in use.
type slot struct{ near, deep []byte }

func (s slot) word(n int) uint64 { return word(s.near, n) }

// held returns the i-th hold: what, and the stack and id.
func (s slot) held(i int) (what, how uint64) {
	if i < tapeHeldNear {
		return word(s.near, tapeSlotHeld+2*i), word(s.near, tapeSlotHeld+2*i+1)
	}
	i -= tapeHeldNear
	return word(s.deep, tapeDeepHeld+2*i), word(s.deep, tapeDeepHeld+2*i+1)
}

func (s slot) waitCase(i int) uint64 {
	if i < tapeCaseNear {
		return word(s.near, tapeSlotCases+i)
	}
	return word(s.deep, tapeDeepCases+i-tapeCaseNear)
}

func heldOf(control uint64) int  { return min(int(control&tapeControlHeld), tapeHeldCount) }
func casesOf(control uint64) int { return min(int(control&tapeControlCases>>8), tapeCaseCount) }

// settled returns a reading of a slot that was the same twice, or the last of some if
// its goroutine is too busy: then what it waits for and holds is of that moment at most.
func (f *File) settled(one, two []byte, index int64) slot {
	at := tapeSlots + index*tapeSlotSize
	var deep []byte
	for range 8 {
		// What the goroutine keeps for itself changes without a number.
		same := word(one, tapeSlotControl) == word(two, tapeSlotControl) && bytes.Equal(one[8*tapeSlotID:8*tapeSlotMore], two[8*tapeSlotID:8*tapeSlotMore])
		if control := word(one, tapeSlotControl); same && (deep != nil || heldOf(control) <= tapeHeldNear && casesOf(control) <= tapeCaseNear) {
			return slot{one, deep}
		}
		if same { // and once more, with what lies apart read in between
			deep = f.section(tapeDeep+index*tapeDeepSize, tapeDeepSize)
		} else {
			deep = nil
		}
		one, two = two, f.section(at, tapeSlotSize)
	}
	return slot{two, f.section(tapeDeep+index*tapeDeepSize, tapeDeepSize)}
}

func (f *File) goroutine(slot slot, objects map[uint64]object) (Goroutine, bool) {
	control := slot.word(tapeSlotControl)
	if control&tapeControlAlive == 0 {
		return Goroutine{}, false
	}
	test, more := slot.word(tapeSlotTest), slot.word(tapeSlotMore)
	c := f.created(uint32(test >> 32))
	name, part := f.test(uint32(test))
	g := Goroutine{
		ID: slot.word(tapeSlotID), Parent: slot.word(tapeSlotParent), Seq: control / tapeControlCount,
		Test: name, Part: part, Created: c.by, Start: c.start, System: isSystem(c.start.Func),
		Born: int64(slot.word(tapeSlotBorn)), MoreHeld: int(uint32(more)), Bubble: more>>32&tapeFlagBubble != 0, Under: more>>32&tapeFlagUnder != 0,
	}
	if flags := more >> 32; control&tapeControlWait != 0 && flags&(tapeFlagLeaked|tapeFlagGlobals) != 0 {
		g.Look = int(flags / tapeFlagLook)
		g.Leaked = flags&tapeFlagLeaked != 0
		g.OnlyGlobals = !g.Leaked
	}
	for i := range heldOf(control) {
		what, how := slot.held(i)
		now, known := objects[what>>16]
		switch id := how >> 32; {
		case what&tapeModeGiven != 0, known && now.flags&tapeObjectHandover != 0 && what&tapeModeShared != 0:
			continue // of no goroutine
		case id != 0 && (!known || now.id != id):
			continue // collected while held
		case Kind(what>>8) != Mutex && Kind(what>>8) != RWMutex:
			continue // a permit
		}
		h := Hold{Object: objectOf(what, now.id), Mode: lockorder.Mode(what & tapeModeShared), Stack: f.stack(uint32(how)), Shared: what&tapeModeShare != 0}
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

func (f *File) wait(slot slot, control uint64, objects map[uint64]object) *Wait {
	wait := slot.word(tapeSlotWait)
	w := &Wait{
		Kind: Kind(wait), Mode: lockorder.Mode(wait >> 8 & tapeModeShared), Stack: f.stack(uint32(wait >> 32)),
		Since: int64(slot.word(tapeSlotSince)), MoreCases: control&tapeControlMore != 0,
		Woken: slot.word(tapeSlotMore)>>32&tapeFlagWoken != 0,
	}
	for i := range casesOf(control) {
		what := slot.waitCase(i)
		o := objects[what>>16]
		c := Case{Object: objectOf(what, o.id)}
		if k := c.Kind; k != Mutex && k != RWMutex {
			c.Side, c.Timer = Side(what&0xff&^(tapeSideTimer|tapeSideMore)), what&tapeSideTimer != 0
			c.MoreUses = what&tapeSideMore != 0 || o.flags&tapeObjectMore != 0 || o.id == 0 && k != Chan
		}
		w.Cases = append(w.Cases, c)
	}
	return w
}
