//go:build !concdoctor_off

package agent

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// named is what can have a name: all that findings show as a resource. The origin
// may be nil.
type named interface{ originNow() *origin }

// recorded is what has a record: a Mutex, a RWMutex, what RLocker returns, and any
// struct that embeds one of the first two.
type recorded interface{ place() place }

// place is where a lock keeps its record.
type place struct {
	slot *atomic.Pointer[lock]
	addr unsafe.Pointer
	kind finding.ResourceKind
	// raw is the lock without its record, in exclusive mode.
	raw interface {
		TryLock() bool
		Unlock()
	}
}

func (m *Mutex) place() place { return place{&m.record, unsafe.Pointer(m), finding.Mutex, &m.mu} }

func (rw *RWMutex) place() place {
	return place{&rw.record, unsafe.Pointer(rw), finding.RWMutex, &rw.mu}
}

func (r *rlocker) place() place { return (*RWMutex)(r).place() }

func (m *Mutex) originNow() *origin    { return m.place().now().origin }
func (rw *RWMutex) originNow() *origin { return rw.place().now().origin }
func (r *rlocker) originNow() *origin  { return r.place().now().origin }

func (o *Once) originNow() *origin { return o.recordOf().origin }

func (wg *WaitGroup) originNow() *origin {
	r := wg.record.Load()
	if addr := unsafe.Pointer(wg); !r.belongs(addr) {
		r = newGroup(&wg.record, current(), addr)
	}
	return &r.own
}

// originNow returns nil if detection is off.
func (c *Cond) originNow() *origin {
	if r := c.monitor(); r != nil {
		return &r.own
	}
	return nil
}

// originNow returns nil for the nil channel, and for one made while detection was off.
func (ch Chan[T]) originNow() *origin {
	if ch.c == nil || ch.c.subject == nil {
		return nil
	}
	return ch.c.subject.origin
}

// known returns the record, nil if there is none yet.
func (p place) known() *lock {
	if l := p.slot.Load(); l.belongs(p.addr) {
		return l
	}
	return nil
}

// now returns the record, and makes it if there is none.
//
//go:noinline
func (p place) now() *lock {
	if l := p.known(); l != nil {
		return l
	}
	return newRecord(p.slot, p.addr, p.kind)
}

// mark is what the program says of a lock or of something else that is waited for.
type mark struct {
	name   string
	level  Level
	nested bool // level counts
}

// text is the name as findings show it.
func (m *mark) text() string {
	switch {
	case m == nil:
		return ""
	case m.nested:
		return fmt.Sprintf("%s level %d", m.name, m.level)
	}
	return m.name
}

// Name gives a lock, a Once, WaitGroup, Cond or Chan of this package (a pointer to
// it, or to a struct that embeds it, or the Chan) the name that findings show. Locks of one name count
// as one class, and a [Level] from [Nested] orders them. The best place for a call is
// the constructor: what is learnt before it stays as it was. Without a level a
// second call leaves the level as it is. Whatever this package does not know,
// such as a plain sync.Mutex, stays without a name.
func Name(object any, name string, at ...Level) {
	it, ok := object.(named)
	if !ok || std.off.Load() {
		return
	}
	o := it.originNow()
	if o == nil {
		return
	}
	m := mark{name: name}
	if old := o.mark.Load(); old != nil {
		m.level, m.nested = old.level, old.nested
	}
	for _, level := range at {
		m.level, m.nested = level, true
	}
	o.mark.Store(&m)
	if r, ok := object.(recorded); ok {
		r.place().now().class.Store(nil) // it is of another class now
	}
}

// Forget makes the agent forget what it knows of locks: the orders in which they
// were taken, their names and declared orders. Call it when an object with locks in
// it goes back to a pool, such as a sync.Pool: the next user's locks are other locks
// then, in other roles. A lock that is held at that time is not known to be held
// afterwards. What is no lock of this package is left alone.
func Forget(locks ...any) {
	for _, it := range locks {
		r, ok := it.(recorded)
		if !ok {
			continue
		}
		p := r.place()
		if l := p.slot.Load(); l != nil && p.slot.CompareAndSwap(l, nil) && l.belongs(p.addr) {
			l.handoffs.Add(1) // holds on record are void
			std.registry.void(l)
			std.order.drop(l)
		}
	}
}

// rank is a lock, or all locks of a name, in the declared order.
type rank struct {
	id   lockorder.LockID
	name string
}

// ranksOf are the ranks of a lock: its own and its name's.
func ranksOf(l *lock) []rank {
	ranks := []rank{{id: l.id}}
	if m := l.origin.mark.Load(); m != nil {
		ranks = append(ranks, rank{name: m.name})
	}
	return ranks
}

// Ordered declares that these are taken in this order when several are held at
// once: each argument is a lock of this package or a string, which stands for all
// locks of that name. Taking an earlier one under a later one is reported at once,
// by the rule lock-order, from whatever goroutine, and also if the cycle that it
// could close was never seen. TryLock cannot block and may go against the order.
// Orders add up; one that contradicts those that were declared before is reported
// and does not count.
func Ordered(locks ...any) {
	if std.off.Load() {
		return
	}
	declared := &site{stack: callers.Long()}
	std.protect(func() {
		for i := range max(0, len(locks)-1) {
			a, b := declaredOf(locks[i]), declaredOf(locks[i+1])
			if a == nil || b == nil {
				continue
			}
			if against := std.order.declare(a.rank, b.rank, declared); against != nil {
				std.sink.report(contradiction(a, b, declared, against[0]))
			}
		}
	})
}

// declarable is an argument of Ordered.
type declarable struct {
	rank
	origin *origin
}

// declaredOf returns nil for what is neither a lock nor a name.
func declaredOf(it any) *declarable {
	switch it := it.(type) {
	case string:
		o := &origin{kind: finding.Mutex}
		o.mark.Store(&mark{name: it})
		return &declarable{rank{name: it}, o}
	case recorded:
		l := it.place().now()
		std.order.keep(l)
		return &declarable{rank{id: l.id}, l.origin}
	}
	return nil
}
