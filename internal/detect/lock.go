package detect

import (
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
type Lock struct {
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
	Origin *Origin
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
type Origin struct {
	kind finding.ResourceKind
	addr uintptr
	// first is the stack of the first acquire: locks with the same caller are of
	// one class.
	first callers.Short
	// semaphore is set for good once the lock was handed over: anybody may
	// release it, so no wait for it is certain to last.
	semaphore atomic.Bool
	// kin is its class in the order of kinds by first use, 0 if not known yet. It is
	// protected by order.mu.
	kin lockorder.ClassID
	// mark is what the program said of it, nil if nothing.
	mark atomic.Pointer[mark]
}

var lastLockID atomic.Uint64

// belongs reports whether l is the record of the lock at addr: it exists and was
// not copied along with another lock.
func (l *Lock) Belongs(addr unsafe.Pointer) bool { return l != nil && l.addr == uintptr(addr) }

// isForeign reports whether l came along with a copy: the lock at addr has none of
// its own yet. Locks do not move: the compiler puts them on the heap, since package
// sync's methods hand their address to the runtime.
func (l *Lock) IsForeign(addr unsafe.Pointer) bool { return l != nil && l.addr != uintptr(addr) }

// make makes the record of the lock, at its first use.
//
//go:noinline
func (p Place) Make() *Lock {
	if p.Slot.Load() != nil {
		return std.copies.adopt(p)
	}
	return p.replace(nil)
}

// replace puts a new record in the place of old. A snapshot reads it that came
// upon it in the list of a goroutine that runs: the race detector knows of no order
// there.
//
//go:norace
//go:noinline
func (p Place) replace(old *Lock) *Lock {
	o := &Origin{kind: p.Kind, addr: uintptr(p.Addr)}
	callers.Take(&o.first)
	l := &Lock{id: lockorder.LockID(lastLockID.Add(1)), addr: o.addr, Origin: o}
	recordMade()
	if p.Slot.CompareAndSwap(old, l) {
		return l
	}
	return p.Slot.Load() // somebody else was first; the loser's record is garbage
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
