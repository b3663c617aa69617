package race

import "unsafe"

// ftSync is an address that orders what goroutines do: a lock, a channel's buffer, an atomic
// variable. The word that its granule has in ftRegion.syncs is the first of a list of those that lie in
// the granule, and a lock for all of them.
type ftSync struct {
	_     ftNotInHeap
	addr  uintptr
	clock ftClock
	next  uint32
}

const (
	ftSyncLocked    = 1 << 31
	ftSyncChunk     = 1 << 10
	ftSyncChunks    = 1 << 14
	ftSyncChunkMask = ftSyncChunk - 1
)

var (
	ftSyncPoolLock ftLock
	ftSyncFree     uint32 // a list
	ftSyncFresh    uint32 // that were ever in use
	ftSyncTable    [ftSyncChunks]*[ftSyncChunk]ftSync
)

//go:nosplit
func ftSyncAt(i uint32) *ftSync {
	return &ftSyncTable[(i-1)/ftSyncChunk%ftSyncChunks][(i-1)&ftSyncChunkMask]
}

// ftLockSync locks the objects of a granule.
//
//go:nosplit
func ftLockSync(word *uint32) {
	for i := 0; ; i++ {
		w := ftLoad(word)
		if w&ftSyncLocked == 0 && ftCas(word, w, w|ftSyncLocked) {
			return
		}
		ftPause(i)
	}
}

// ftUnlockSync unlocks them.
//
//go:nosplit
func ftUnlockSync(word *uint32) { ftStore(word, ftLoad(word)&^ftSyncLocked) }

// ftFindSync returns the object of an address, nil if there is none. The granule is locked.
//
//go:nosplit
func ftFindSync(word *uint32, addr uintptr) *ftSync {
	for i := *word &^ ftSyncLocked; i != 0; {
		s := ftSyncAt(i)
		if s.addr == addr {
			return s
		}
		i = s.next
	}
	return nil
}

// ftMakeSync returns the object of an address. The granule is locked. It returns nil where there are
// too many.
//
//go:nosplit
func ftMakeSync(r *ftRegion, word *uint32, addr uintptr) *ftSync {
	if s := ftFindSync(word, addr); s != nil {
		return s
	}
	r.touchObjects(addr)
	ftSyncPoolLock.lock()
	i := ftSyncFree
	if i != 0 {
		ftSyncFree = ftSyncAt(i).next
	} else if ftSyncFresh < ftSyncChunk*ftSyncChunks {
		if ftSyncFresh&ftSyncChunkMask == 0 {
			ftSyncTable[ftSyncFresh/ftSyncChunk] = (*[ftSyncChunk]ftSync)(ftAllocate(unsafe.Sizeof([ftSyncChunk]ftSync{})))
		}
		ftSyncFresh++
		i = ftSyncFresh
	}
	ftSyncPoolLock.unlock()
	if i == 0 {
		return nil
	}
	s := ftSyncAt(i)
	s.addr, s.next = addr, *word&^ftSyncLocked
	ftStore(word, i|ftSyncLocked)
	return s
}

// ftHoldSync locks the objects of an address's granule and returns the one of the address, nil where
// there are too many. The word is nil, and nothing locked, where the address has no shadow.
//
//go:nosplit
func ftHoldSync(addr uintptr) (word *uint32, s *ftSync) {
	r := ftRegionOf(addr)
	if r == nil {
		return nil, nil
	}
	word = r.syncOf(addr)
	ftLockSync(word)
	return word, ftMakeSync(r, word, addr)
}

// forgetObjects takes the objects of a range away.
//
//go:nosplit
func (r *ftRegion) forgetObjects(lo, hi uintptr) {
	for addr := lo &^ (ftGranule - 1); addr < hi; addr += ftGranule {
		word := r.syncOf(addr)
		if ftLoad(word) == 0 {
			continue
		}
		ftLockSync(word)
		first := *word &^ ftSyncLocked
		last := uint32(0)
		for i := first; i != 0; i = ftSyncAt(i).next {
			ftSyncAt(i).clock.reset()
			last = i
		}
		if last != 0 {
			ftSyncPoolLock.lock()
			ftSyncAt(last).next = ftSyncFree
			ftSyncFree = first
			ftSyncPoolLock.unlock()
		}
		ftStore(word, 0)
	}
}

// acquire comes after all that was released at the address.
//
//go:nosplit
func (t *ftTask) acquire(addr uintptr) {
	r := ftRegionOf(addr)
	if r == nil {
		return
	}
	word := r.syncOf(addr)
	if ftLoad(word) == 0 {
		return
	}
	ftLockSync(word)
	if s := ftFindSync(word, addr); s != nil {
		t.join(&s.clock)
	}
	ftUnlockSync(word)
}

// release lets what acquires the address come after all that the goroutine has done, and after
// nothing that was released there before.
//
//go:nosplit
func (t *ftTask) release(addr uintptr) {
	word, s := ftHoldSync(addr)
	if word == nil {
		return
	}
	if s != nil {
		t.store(&s.clock)
	}
	ftUnlockSync(word)
	t.renew()
}

// store makes a clock what the goroutine knows and has done.
//
//go:nosplit
func (t *ftTask) store(c *ftClock) {
	t.prepare()
	c.assign(&t.clock)
	c.learn(t.published())
}

// releaseMerge is release, but keeps what was released before.
//
//go:nosplit
func (t *ftTask) releaseMerge(addr uintptr) {
	word, s := ftHoldSync(addr)
	if word == nil {
		return
	}
	if s != nil {
		s.clock.join(&t.clock)
		s.clock.learn(t.published())
	}
	ftUnlockSync(word)
	t.renew()
}

// releaseAcquire is release and acquire at once: what is released does not come after what is
// acquired.
//
//go:nosplit
func (t *ftTask) releaseAcquire(addr uintptr) {
	word, s := ftHoldSync(addr)
	if word == nil {
		return
	}
	if s != nil {
		t.exchange(&s.clock)
	}
	ftUnlockSync(word)
	t.renew()
}

// exchange makes a clock what the goroutine knows and has done, and lets the goroutine know what
// the clock was.
//
//go:nosplit
func (t *ftTask) exchange(c *ftClock) {
	var before ftClock
	before.assign(c)
	dirty := t.dirty
	t.store(c)
	if dirty {
		t.begin()
	}
	t.join(&before)
	before.reset()
}

// synchronize is acquire and release at once: what is released comes after what is acquired.
//
//go:nosplit
func (t *ftTask) synchronize(c *ftClock) {
	t.join(c)
	t.store(c)
	t.renew()
}
