package detect

import (
	"sync"
	"unsafe"
)

// counterAt is where a sync.WaitGroup keeps its counter, and counterKnown whether
// it was found. Both are constant. Reading the counter says that a Wait need not
// wait, and which of its rules a panic is about; nothing else rests on it.
var counterAt, counterKnown = findCounter()

// findCounter looks for the one word that shows what was added.
func findCounter() (at uintptr, known bool) {
	const pattern = 0x2a4b6c
	var wg sync.WaitGroup
	wg.Add(pattern)
	defer wg.Add(-pattern)
	for i := uintptr(0); i+4 <= unsafe.Sizeof(wg); i += 4 {
		if *(*int32)(unsafe.Add(unsafe.Pointer(&wg), i)) == pattern {
			if known {
				return 0, false
			}
			at, known = i, true
		}
	}
	return at, known
}

// Count returns the counter of a wait group as it is now, 1 if it cannot be read. It is a
// plain read: an atomic one would tell the race detector of an order that is none.
//
//go:norace
func Count(w *sync.WaitGroup) int32 {
	if !counterKnown {
		return 1
	}
	return *(*int32)(unsafe.Add(unsafe.Pointer(w), counterAt))
}
