//go:build !concdoctor_off

package agent

import (
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// named is what can have a name: all that findings show as a resource. The origin
// may be nil.
type named interface{ originNow() *detect.Origin }

// recorded is what has a record: a Mutex, a RWMutex, what RLocker returns, and any
// struct that embeds one of the first two.
type recorded interface{ place() detect.Place }

func (m *Mutex) place() detect.Place {
	return detect.Place{Slot: &m.record, Addr: unsafe.Pointer(m), Kind: finding.Mutex, Raw: &m.mu}
}

func (rw *RWMutex) place() detect.Place {
	return detect.Place{Slot: &rw.record, Addr: unsafe.Pointer(rw), Kind: finding.RWMutex, Raw: &rw.mu}
}

func (r *rlocker) place() detect.Place { return (*RWMutex)(r).place() }

func (m *Mutex) originNow() *detect.Origin    { return m.place().Now().Origin }
func (rw *RWMutex) originNow() *detect.Origin { return rw.place().Now().Origin }
func (r *rlocker) originNow() *detect.Origin  { return r.place().Now().Origin }

func (o *Once) originNow() *detect.Origin { return o.recordOf().Origin }

func (wg *WaitGroup) originNow() *detect.Origin {
	r := wg.record.Load()
	if addr := unsafe.Pointer(wg); !r.Belongs(addr) {
		r = detect.NewGroup(&wg.record, detect.Current(), addr)
	}
	return &r.Own
}

// originNow returns nil if detection is off.
func (c *Cond) originNow() *detect.Origin {
	if r := c.monitor(); r != nil {
		return &r.Own
	}
	return nil
}

// originNow returns nil for the nil channel, and for one made while detection was off.
func (ch Chan[T]) originNow() *detect.Origin {
	if ch.c == nil || ch.c.Subject == nil {
		return nil
	}
	return ch.c.Subject.Origin
}

// Name gives a lock, a Once, WaitGroup, Cond or Chan of this package (a pointer to
// it, or to a struct that embeds it, or the Chan) the name that findings show. Locks of one name count
// as one class, and a [Level] from [Nested] orders them. The best place for a call is
// the constructor: what is learnt before it stays as it was. Without a level a
// second call leaves the level as it is. Whatever this package does not know,
// such as a plain sync.Mutex, stays without a name.
func Name(object any, name string, at ...Level) {
	it, ok := object.(named)
	if !ok || detect.IsOff() {
		return
	}
	o := it.originNow()
	if o == nil {
		return
	}
	o.Name(name, levels(at))
	if r, ok := object.(recorded); ok {
		r.place().ChangeClass()
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
		r.place().Forget()
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
	if detect.IsOff() {
		return
	}
	var list []*detect.Declarable
	for _, it := range locks {
		list = append(list, declaredOf(it))
	}
	detect.Ordered(list)
}

// declaredOf returns nil for what is neither a lock nor a name.
func declaredOf(it any) *detect.Declarable {
	switch it := it.(type) {
	case string:
		return detect.DeclaredName(it)
	case recorded:
		return it.place().Declared()
	}
	return nil
}
