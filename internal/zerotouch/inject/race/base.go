package race

import "unsafe"

// ftBase is a vector clock that several clocks share. It is not changed while more than one
// does.
type ftBase struct {
	_     ftNotInHeap
	users uint32
	words uint32 // of the vector: 64 << class
	id    uint64 // which content: no two have the same
	next  *ftBase
}

const (
	ftBaseClasses = 5
	ftBaseHeader  = unsafe.Sizeof(ftBase{})
)

var (
	ftBaseLock  ftLock
	ftBaseFree  [ftBaseClasses]*ftBase
	ftBaseCount uint64 // contents so far
)

// at returns the place of a slot, which must be within words.
//
//go:nosplit
func (b *ftBase) at(slot uint32) *uint32 {
	return (*uint32)(unsafe.Add(unsafe.Pointer(b), ftBaseHeader+uintptr(slot)*4))
}

// get returns the epoch of a slot that is known; no base knows nothing.
//
//go:nosplit
func (b *ftBase) get(slot uint32) uint32 {
	if b == nil || slot >= b.words {
		return 0
	}
	return *b.at(slot)
}

// ftNewBase returns a vector for all slots that were ever in use. Its content is that of from,
// and from must not have more.
//
//go:nosplit
func ftNewBase(from *ftBase) *ftBase {
	class, words := 0, uint32(64)
	for used := ftLoad(&ftSlotFresh); words < used || from != nil && words < from.words; class++ {
		words *= 2
	}
	ftBaseLock.lock()
	b := ftBaseFree[class]
	if b != nil {
		ftBaseFree[class] = b.next
	} else {
		b = (*ftBase)(ftAllocate(ftBaseHeader + uintptr(words)*4))
	}
	ftBaseLock.unlock()
	b.users, b.words, b.next = 1, words, nil
	b.id = ftXadd64(&ftBaseCount, 1)
	copied := uint32(0)
	if from != nil {
		copied = from.words
		for i := uint32(0); i < copied; i += 2 {
			*(*uint64)(unsafe.Pointer(b.at(i))) = *(*uint64)(unsafe.Pointer(from.at(i)))
		}
	}
	for i := copied; i < words; i += 2 {
		*(*uint64)(unsafe.Pointer(b.at(i))) = 0
	}
	return b
}

//go:nosplit
func (b *ftBase) use() {
	if b != nil {
		ftXadd(&b.users, 1)
	}
}

// drop says that one clock less shares the vector.
//
//go:nosplit
func (b *ftBase) drop() {
	if b == nil || ftXadd(&b.users, -1) != 0 {
		return
	}
	class := 0
	for words := uint32(64); words < b.words; words *= 2 {
		class++
	}
	ftBaseLock.lock()
	b.next = ftBaseFree[class]
	ftBaseFree[class] = b
	ftBaseLock.unlock()
}
