package race

import "unsafe"

// ftLock is a spin lock. It is held for some hundred instructions, by code that cannot be
// preempted.
type ftLock struct{ held uint32 }

//go:nosplit
func (l *ftLock) lock() {
	for i := 0; !ftCas(&l.held, 0, 1); i++ {
		ftPause(i)
	}
}

//go:nosplit
func (l *ftLock) unlock() { ftStore(&l.held, 0) }

const (
	ftGranule      = 8 // bytes of memory that have cells together
	ftGranuleShift = 3
	ftKilobyte     = 10 // log2 of what has one mark

	ftArena = 1 << 20 // what is asked of the system at a time
)

// ftMemory is memory outside of the heap: a pointer to it needs no write barrier.
type ftMemory struct{ _ ftNotInHeap }

var (
	ftArenaLock ftLock
	ftArenaNext *ftMemory
	ftArenaLeft uintptr
)

// ftAllocate returns zeroed memory that is never given back; its users keep lists of what is free.
//
//go:nosplit
func ftAllocate(bytes uintptr) unsafe.Pointer {
	bytes = (bytes + 15) &^ 15
	ftArenaLock.lock()
	if ftArenaLeft < bytes {
		ftArenaLeft = max(ftArena, bytes)
		ftArenaNext = (*ftMemory)(ftReserve(ftArenaLeft))
	}
	p := unsafe.Pointer(ftArenaNext)
	ftArenaNext = (*ftMemory)(unsafe.Add(p, bytes))
	ftArenaLeft -= bytes
	ftArenaLock.unlock()
	return p
}

// ftRegion is a range of addresses whose accesses are checked, with what is known of them.
type ftRegion struct {
	lo, size uintptr
	cells    unsafe.Pointer // ftCells for each granule
	syncs    unsafe.Pointer // a word for each granule, see ftSync
	// A byte for each kilobyte: whether a cell was written there, and whether there ever was an
	// object. Two arrays, as two bits of one byte would be written by two at once.
	touched, objects unsafe.Pointer
}

var ftHeap, ftData ftRegion

// ftCells are those of a granule; 0 is none.
type ftCells [4]uint64

// reserve takes the address space for a region. What is not written takes no memory.
func (r *ftRegion) reserve(lo, size uintptr) {
	size = (size + 1<<ftKilobyte - 1) &^ (1<<ftKilobyte - 1)
	r.lo, r.size = lo, size
	r.cells = ftReserve(size / ftGranule * unsafe.Sizeof(ftCells{}))
	r.syncs = ftReserve(size / ftGranule * 4)
	r.touched = ftReserve(size >> ftKilobyte)
	r.objects = ftReserve(size >> ftKilobyte)
}

// ftRegionOf returns the region of an address, nil if accesses to it are not checked.
//
//go:nosplit
func ftRegionOf(addr uintptr) *ftRegion {
	if addr-ftHeap.lo < ftHeap.size {
		return &ftHeap
	}
	if addr-ftData.lo < ftData.size {
		return &ftData
	}
	return nil
}

//go:nosplit
func (r *ftRegion) cellsOf(addr uintptr) *ftCells {
	return (*ftCells)(unsafe.Add(r.cells, (addr-r.lo)>>ftGranuleShift*unsafe.Sizeof(ftCells{})))
}

//go:nosplit
func (r *ftRegion) syncOf(addr uintptr) *uint32 {
	return (*uint32)(unsafe.Add(r.syncs, (addr-r.lo)>>ftGranuleShift*4))
}

//go:nosplit
func (r *ftRegion) touch(addr uintptr) {
	if p := (*byte)(unsafe.Add(r.touched, (addr-r.lo)>>ftKilobyte)); *p == 0 {
		*p = 1
	}
}

//go:nosplit
func (r *ftRegion) touchObjects(addr uintptr) {
	if p := (*byte)(unsafe.Add(r.objects, (addr-r.lo)>>ftKilobyte)); *p == 0 {
		*p = 1
	}
}

// ftUsed says that the heap has memory up to an address.
//
//go:nosplit
func ftUsed(end uintptr) { ftHeapEnd = max(ftHeapEnd, end) }

// ftHeapEnd is the end of the memory that the heap ever had.
var ftHeapEnd uintptr

// ftLarge is from how many bytes on the cells of a block go back to the system.
const ftLarge = 64 << 10

// ftForget says that a block of memory is another one from now on: nothing that was done to it
// matters any more.
//
//go:nosplit
func ftForget(addr, bytes uintptr) {
	r := ftRegionOf(addr)
	if r == nil || bytes == 0 {
		return
	}
	end := min(addr+bytes, r.lo+r.size)
	for kilo := addr &^ (1<<ftKilobyte - 1); kilo < end; kilo += 1 << ftKilobyte {
		touched := (*byte)(unsafe.Add(r.touched, (kilo-r.lo)>>ftKilobyte))
		objects := (*byte)(unsafe.Add(r.objects, (kilo-r.lo)>>ftKilobyte))
		if *touched|*objects == 0 {
			continue
		}
		lo, hi := max(kilo, addr), min(kilo+1<<ftKilobyte, end)
		whole := lo == kilo && hi == kilo+1<<ftKilobyte
		if *objects != 0 {
			r.forgetObjects(lo, hi)
			if whole {
				*objects = 0
			}
		}
		if *touched != 0 {
			if whole && bytes >= ftLarge {
				continue // below, all at once
			}
			r.forgetCells(lo, hi)
			if whole {
				*touched = 0
			}
		}
	}
	if bytes >= ftLarge {
		r.giveBack(addr, end)
	}
}

//go:nosplit
func (r *ftRegion) forgetCells(lo, hi uintptr) {
	for addr := lo &^ (ftGranule - 1); addr < hi; addr += ftGranule {
		*r.cellsOf(addr) = ftCells{}
	}
}

// giveBack gives the cells of whole kilobytes back, in runs of those that were touched.
//
//go:nosplit
func (r *ftRegion) giveBack(lo, hi uintptr) {
	first := (lo + 1<<ftKilobyte - 1) &^ (1<<ftKilobyte - 1)
	last := hi &^ (1<<ftKilobyte - 1)
	for at := first; at < last; {
		if *(*byte)(unsafe.Add(r.touched, (at-r.lo)>>ftKilobyte)) == 0 {
			at += 1 << ftKilobyte
			continue
		}
		run := at
		for ; at < last; at += 1 << ftKilobyte {
			p := (*byte)(unsafe.Add(r.touched, (at-r.lo)>>ftKilobyte))
			if *p == 0 {
				break
			}
			*p = 0
		}
		ftGiveBack(unsafe.Pointer(r.cellsOf(run)), (at-run)/ftGranule*unsafe.Sizeof(ftCells{}))
	}
}
