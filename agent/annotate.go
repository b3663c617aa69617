//go:build !concdoctor_off

package agent

import (
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// named is what can have a name: all that findings show as a resource. The origin
// may be nil.
type named interface{ originNow() *origin }

// recorded is what has a record: a Mutex, a RWMutex, what RLocker returns, and any
// struct that embeds one of the first two.
type recorded interface{ place() place }

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

// Name gives a lock, a Once, WaitGroup, Cond or Chan of this package (a pointer to
// it, or to a struct that embeds it, or the Chan) the name that findings show. Locks of one name count
// as one class, and a [Level] from [Nested] orders them. The best place for a call is
// the constructor: what is learnt before it stays as it was. Without a level a
// second call leaves the level as it is. Whatever this package does not know,
// such as a plain sync.Mutex, stays without a name.
func Name(object any, name string, at ...Level) {
	it, ok := object.(named)
	if !ok || isOff() {
		return
	}
	o := it.originNow()
	if o == nil {
		return
	}
	o.name(name, levels(at))
	if r, ok := object.(recorded); ok {
		r.place().changeClass()
	}
}

func levels(at []Level) (list []int) {
	for _, level := range at {
		list = append(list, int(level))
	}
	return list
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
		r.place().forget()
	}
}

// Ordered declares that these are taken in this order when several are held at
// once: each argument is a lock of this package or a string, which stands for all
// locks of that name. Taking an earlier one under a later one is reported at once,
// by the rule lock-order, from whatever goroutine, and also if the cycle that it
// could close was never seen. TryLock cannot block and may go against the order.
// Orders add up; one that contradicts those that were declared before is reported
// and does not count.
func Ordered(locks ...any) {
	if isOff() {
		return
	}
	var list []*declarable
	for _, it := range locks {
		list = append(list, declaredOf(it))
	}
	ordered(list)
}

// declaredOf returns nil for what is neither a lock nor a name.
func declaredOf(it any) *declarable {
	switch it := it.(type) {
	case string:
		return declaredName(it)
	case recorded:
		return it.place().declared()
	}
	return nil
}
