package race

import "unsafe"

// A cell is one access: the stack it was made by, which bytes of the granule it touched, what
// it was, and when.
//
//	site 24 | bytes 8 | write | atomic | slot 10 | epoch 20
const (
	ftAtomic    = 1 << 30
	ftWrite     = 1 << 31
	ftByteShift = 32
	ftBytes     = 0xff << ftByteShift
	ftSiteShift = 40
	ftSlotMask  = (ftSlotCount - 1) << ftEpochBits
)

// check compares an access with those before it and records it; what is its bytes and kind, pc
// where it was made.
//
// Cells are read and written without a lock. Each is one word, so that what is read was written
// as a whole, by an access that did happen: if it is not ordered before this one, the two race, whatever
// was written to the cells meanwhile. A cell that two write at the same time loses one access,
// which can hide a race.
//
//go:nosplit
func (t *ftTask) check(r *ftRegion, addr uintptr, what uint64, pc uintptr) {
	if t.stamp == 0 {
		return
	}
	cells := r.cellsOf(addr)
	mine := what | uint64(t.stamp)
	place := -1
	for i := range cells {
		c := cells[i]
		if c == 0 {
			if place < 0 {
				place = i
			}
			break
		}
		if c&what&ftBytes == 0 {
			continue
		}
		if (c^mine)&ftSlotMask == 0 {
			switch {
			case (c^mine)&ftStampMask == 0 && ftCovers(c, mine):
				return
			case ftCovers(mine, c):
				place = i
			}
			continue
		}
		if c&what&ftAtomic != 0 || (c|what)&ftWrite == 0 {
			continue
		}
		if s := ftStamp(c & ftStampMask); t.clock.get(s.slot()) >= s.epoch() {
			if ftCovers(mine, c) {
				place = i
			}
			continue
		}
		ftFound(t, addr, mine|uint64(ftChild(t.node, pc))<<ftSiteShift, c)
	}
	if place < 0 {
		place = int(uint32(t.stamp)/2+uint32(pc)) % len(cells)
	} else if place == 0 && cells[0] == 0 {
		r.touch(addr)
	}
	cells[place] = mine | uint64(ftChild(t.node, pc))<<ftSiteShift
	t.dirty = true
}

// ftCovers reports whether all that races with b races with a too, if both are of one time.
//
//go:nosplit
func ftCovers(a, b uint64) bool {
	return b&^a&(ftBytes|ftWrite) == 0 && a&^b&ftAtomic == 0
}

// access is one of up to eight bytes that lie in one granule.
//
//go:nosplit
func (t *ftTask) access(addr, bytes uintptr, kind uint64, pc uintptr) {
	if r := ftRegionOf(addr); r != nil {
		t.check(r, addr, (1<<bytes-1)<<(addr&(ftGranule-1)+ftByteShift)|kind, pc)
	}
}

// accessRange is one of any bytes.
//
//go:nosplit
func (t *ftTask) accessRange(addr, bytes uintptr, kind uint64, pc uintptr) {
	r := ftRegionOf(addr)
	if r == nil || bytes == 0 {
		return
	}
	end := min(addr+bytes, r.lo+r.size)
	for addr < end {
		last := min(addr&^(ftGranule-1)+ftGranule, end)
		t.check(r, addr, (1<<(last-addr)-1)<<(addr&(ftGranule-1)+ftByteShift)|kind, pc)
		addr = last
	}
}

// ftInit prepares the detector for a heap and a data segment that lie in these ranges, and for code
// that begins at text.
func ftInit(heapLo, heapSize, dataLo, dataSize, text uintptr) {
	ftHeap.reserve(heapLo, heapSize)
	ftData.reserve(dataLo, dataSize)
	ftInitSlots()
	ftInitTree(text)
}

var _ = [1]int{}[unsafe.Sizeof(ftCells{})-32]
