package race

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// This file is what the detector needs of its surroundings where it is compiled as an ordinary
// package, for tests. In package runtime another file stands in its place.

// ftNotInHeap marks memory that the collector does not know.
type ftNotInHeap struct{}

//go:nosplit
func ftLoad(p *uint32) uint32 { return atomic.LoadUint32(p) }

//go:nosplit
func ftStore(p *uint32, v uint32) { atomic.StoreUint32(p, v) }

//go:nosplit
func ftCas(p *uint32, before, after uint32) bool {
	return atomic.CompareAndSwapUint32(p, before, after)
}

//go:nosplit
func ftXadd(p *uint32, delta int32) uint32 { return atomic.AddUint32(p, uint32(delta)) }

//go:nosplit
func ftXadd64(p *uint64, delta int64) uint64 { return atomic.AddUint64(p, uint64(delta)) }

//go:nosplit
func ftLoadPointer(p unsafe.Pointer) unsafe.Pointer {
	return atomic.LoadPointer((*unsafe.Pointer)(p))
}

// ftStorePointer stores a pointer to memory outside of the heap.
//
//go:nosplit
func ftStorePointer(p, v unsafe.Pointer) { atomic.StorePointer((*unsafe.Pointer)(p), v) }

func ftPause(int) { runtime.Gosched() }

// ftKept keeps the memory of the detector alive: it has no pointers that the collector knows.
var ftKept [][]uint64

// ftReserve returns zeroed memory. It takes room as it is written.
func ftReserve(bytes uintptr) unsafe.Pointer {
	words := make([]uint64, (bytes+7)/8)
	ftKept = append(ftKept, words)
	return unsafe.Pointer(&words[0])
}

// ftGiveBack makes a part of reserved memory zero again.
func ftGiveBack(p unsafe.Pointer, bytes uintptr) { clear(unsafe.Slice((*byte)(p), bytes)) }

// ftFound is called for each race.
func ftFound(t *ftTask, addr uintptr, now, before uint64) {
	if ftOnRace != nil {
		ftOnRace(t, addr, now, before)
	}
}

// ftOnRace gets the races of a test.
var ftOnRace func(t *ftTask, addr uintptr, now, before uint64)
