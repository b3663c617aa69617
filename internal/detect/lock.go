package detect

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/race"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// lock is the agent's record of one lock instance. The user's lock points to it;
// it never points back, so that the user's memory is collected as before, and a
// collected record tells the graph to forget the lock.
type lockRecord struct {
	id lockorder.LockID
	// addr is where the user's lock was at its first acquire. A lock that finds
	// itself elsewhere is a copy and gets a record of its own.
	addr uintptr
	// handoffs counts how often somebody else than the holder released the lock.
	// A hold is valid only as long as the count is what it was at the acquire.
	handoffs atomic.Uint32
	// seen is the entry of one chain that ends in this lock (see chains); 0 if none.
	seen atomic.Uint64
	// salt goes into the keys of l's chains in the cache: another one makes them new.
	salt atomic.Uint64
	// writer is the request in exclusive mode that was told to the order graph last;
	// see isNewWriter. Only a RWMutex has it.
	writer atomic.Uint64
	origin *origin
	class  atomic.Pointer[class] // nil until somebody asks: see classOf

	// What follows is protected by order.mu: see there.
	inGraph bool
	dropped bool      // the program forgot it
	outer   bool      // something was asked for under it, or it is no leaf for another reason
	pending []request // what was asked for it while it is a leaf
	chain   uint64    // the chain that seen is for
	rw      *readers  // nil for a Mutex, and until something is known
}

// origin is what a report needs to know of a lock, apart from the record, since
// the graph keeps it while the record may be collected.
type origin struct {
	kind finding.ResourceKind
	addr uintptr
	// first is the stack of the first acquire: locks with the same caller are of
	// one class.
	first callers.Short
	// semaphore is set for good once the lock was handed over: anybody may
	// release it, so no wait for it is certain to last.
	semaphore atomic.Bool
	// class is its class in the order of classes by first use, 0 if not known yet. It is
	// protected by order.mu.
	class lockorder.ClassID
	// mark is what the program said of it, nil if nothing.
	mark atomic.Pointer[mark]
}

var lastLockID atomic.Uint64

// Lock is what a lock of the program's keeps for the engine, as its first field: the
// address of the one is that of the other. In a Mutex and a RWMutex the lock of package
// sync comes next. The zero value is ready.
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

// make makes the record of l at its first use, by the caller of the method that calls
// make's caller.
//
// A snapshot reads the record that came upon it in the list of a goroutine that runs: the
// race detector knows of no order there.
//
//go:norace
//go:noinline
func (l *Lock) make(use Use) *lockRecord {
	if l.record.Load() != nil {
		return std.copies.adopt(l, use)
	}
	r := newLockRecord(l, use)
	if callers.Fast {
		callers.Walk(&r.origin.first)
	} else {
		callers.Slow(&r.origin.first)
	}
	return l.publish(nil, r)
}

func newLockRecord(l *Lock, use Use) *lockRecord {
	o := &origin{kind: use.kind(), addr: uintptr(unsafe.Pointer(l))}
	return &lockRecord{id: lockorder.LockID(lastLockID.Add(1)), addr: o.addr, origin: o}
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

// tryLock tries to take the lock for a moment, and reports whether it could. A Once is not
// locked by its user.
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

// publish puts a new record in the place of old, and returns the one that is there then:
// of several goroutines that come at once one is first, and the others' is garbage.
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

// Adopt is called before any other use of a lock: one that was copied along with a
// struct gets a record of its own. See copies.
func (l *Lock) Adopt(use Use) {
	if l.record.Load().isForeign(l) {
		l.make(use)
	}
}

// recordMade and recordsSeen tell the race detector, where it is built in, that a
// record was complete before anybody else came to see it: a goroutine that runs has
// published its holds by plain stores (see glance), of which the detector cannot know.
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
