package detect

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/race"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// lockRecord is what the engine knows about one lock. The lock points to it. It does not
// point back, so that the program's memory is collected as without it, and a collected
// record makes the graph forget the lock.
type lockRecord struct {
	id lockorder.LockID
	// addr is the address of the lock. A lock at another address is a copy, and gets a
	// record of its own.
	addr uintptr
	// handoffs counts the releases by other goroutines than the holder. A hold is valid
	// only as long as the count is as at the acquisition.
	handoffs atomic.Uint32
	// walks is the number of acquisitions whose stacks were walked, and quick is addr once
	// that is enough: see Request.
	walks uint32
	quick atomic.Uintptr
	// alone are the chain keys of the lock in either mode if nothing else is held.
	alone [2]uint64
	// seen is the entry of one chain that ends in this lock (see chains), 0 if none.
	seen atomic.Uint64
	// salt goes into the keys of the lock's chains in the cache: a change makes all of
	// them unknown.
	salt atomic.Uint64
	// writer is the request in exclusive mode that was added to the order graph last; see
	// isNewWriter. Only a RWMutex has it.
	writer      atomic.Uint64
	description *description
	class       atomic.Pointer[class] // nil until it is needed: see classOf
	// place is that in the order graph, nil before something was requested under the lock and
	// before the lock is in the graph. The graph writes it.
	place atomic.Pointer[lockorder.Place]
	// kept says that there were pending requests. order.mu protects writes.
	kept atomic.Bool
	// searches is how often the holder of the lock was searched for, as another goroutine was
	// about to release it.
	searches atomic.Int32

	// What follows is protected by order.mu: see there.
	inGraph bool
	dropped bool      // the program has called Forget for it
	outer   bool      // it is no leaf: something was requested under it
	pending []request // the requests for it while it is a leaf
	chain   uint64    // the chain that seen is for
	rw      *readers  // nil for a Mutex, and until it is needed
}

// description is what findings need to know about a lock or a waitable. It is separate from
// the record, since the graph keeps it when the record is collected.
type description struct {
	kind finding.ResourceKind
	addr uintptr
	// firstUse is the stack of the first use: locks with the same caller are of one class.
	firstUse callers.Short
	// given is set once another goroutine than the holder has released the lock, ownerless if
	// it is not known where that lock was acquired: then any hold may end so, and no wait for the
	// lock is certain to last. See handovers.
	given, ownerless atomic.Bool
	// class is its class by first use in the order of classes, 0 if not known yet.
	// order.mu protects it.
	class lockorder.ClassID
	// mark is the name that the program has given it, nil if none.
	mark atomic.Pointer[mark]
}

var lastLockID atomic.Uint64

// Lock is what a lock keeps for the engine, as its first field: so both have one address. In
// a Mutex and a RWMutex the lock of package sync is the next field. The zero value is
// ready.
type Lock struct{ record atomic.Pointer[lockRecord] }

// belongs reports whether r is the record of l: it exists and was not copied along with
// another lock.
func (r *lockRecord) belongs(l *Lock) bool {
	return r != nil && r.addr == uintptr(unsafe.Pointer(l))
}

// isForeign reports whether r came along with a copy: l has none of its own yet. Locks
// do not move: the compiler puts them on the heap, since package sync's methods hand
// their address to the runtime.
func (r *lockRecord) isForeign(l *Lock) bool {
	return r != nil && r.addr != uintptr(unsafe.Pointer(l))
}

// make makes the record of l at its first use. The first frame of its stack is the caller of
// make's caller.
//
// A snapshot may find the record among the holds of a running goroutine: the race detector
// does not know an order there, hence norace.
//
//go:norace
//go:noinline
func (l *Lock) make(use Use) *lockRecord {
	if l.record.Load() != nil {
		return std.copies.adopt(l, use)
	}
	r := newLockRecord(l, use)
	if callers.Fast {
		callers.Walk(&r.description.firstUse)
	} else {
		callers.Slow(&r.description.firstUse)
	}
	return l.publish(nil, r)
}

// newLockRecord is norace like make, whether or not the compiler inlines it there.
//
//go:norace
func newLockRecord(l *Lock, use Use) *lockRecord {
	o := &description{kind: use.kind(), addr: uintptr(unsafe.Pointer(l))}
	id := lockorder.LockID(lastLockID.Add(1))
	return &lockRecord{id: id, addr: o.addr, description: o, alone: [...]uint64{
		lockorder.Exclusive: extend(0, id, lockorder.Exclusive), lockorder.Shared: extend(0, id, lockorder.Shared),
	}}
}

// kind returns what findings call the lock.
func (u Use) kind() finding.ResourceKind {
	switch u &^ 1 {
	case UseMutex:
		return finding.Mutex
	case UseRWMutex:
		return finding.RWMutex
	}
	return finding.Once
}

// tryLock tries to acquire the lock for a moment, and reports whether it could. A Once is
// always free: its user does not lock it.
func (l *Lock) tryLock(use Use) bool {
	var raw interface {
		TryLock() bool
		Unlock()
	}
	switch next := unsafe.Add(unsafe.Pointer(l), unsafe.Sizeof(*l)); use &^ 1 {
	case UseMutex:
		raw = (*sync.Mutex)(next)
	case UseRWMutex:
		raw = (*sync.RWMutex)(next)
	default:
		return true
	}
	if raw.TryLock() {
		raw.Unlock()
		return true
	}
	return false
}

// publish replaces the record old by r. It returns the record that is there afterwards: if
// several goroutines do that at the same time, one wins.
func (l *Lock) publish(old, r *lockRecord) *lockRecord {
	recordMade()
	if l.record.CompareAndSwap(old, r) {
		return r
	}
	return l.record.Load()
}

// known returns the record of l, and makes it if there is none.
//
//go:noinline
func (l *Lock) known(use Use) *lockRecord {
	if r := l.record.Load(); r.belongs(l) {
		return r
	}
	return l.make(use)
}

// Adopt is to be called before a TryLock: a lock that was copied gets a record of its own
// before its copy is locked. See copies.
func (l *Lock) Adopt(use Use) {
	if l.record.Load().isForeign(l) {
		l.make(use)
	}
}

// recordMade and recordsSeen show the race detector, if it is built in, that a record is
// complete before other goroutines see it: a running goroutine stores its holds without
// synchronization (see readRunning).
func recordMade() {
	if race.Enabled {
		lastLockID.Add(0)
	}
}

func recordsSeen() {
	if race.Enabled {
		lastLockID.Load()
	}
}

// manyWalks is how often a lock is acquired with a walk of the stack before a mark has to do.
// Most of what a program can do wrong with a lock it does the first few times.
const manyWalks = 32

// countWalk counts an acquisition of l whose stack was walked. A count may get lost.
//
//go:norace
func (r *lockRecord) countWalk() {
	if r.walks < manyWalks {
		r.walks++
	} else if r.walks == manyWalks && callers.Fast && gid.Fast {
		r.quick.Store(r.addr)
	}
}

// walkAlways makes the stack be walked from now on: a function that acquires the lock
// has returned with it, and a mark was not enough.
//
//go:norace
func (r *lockRecord) walkAlways() {
	r.walks = manyWalks + 1
	r.quick.Store(0)
}
