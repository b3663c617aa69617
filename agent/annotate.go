//go:build !concdoctor_off

package agent

import (
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect"
)

// named is what can have a name: all that findings show as a resource. The object is nil
// for the nil channel.
type named interface{ object() detect.Object }

// locker is a Mutex, a RWMutex, what RLocker returns, and any struct that embeds one of
// the first two.
type locker interface{ lockObject() detect.LockObject }

// The engine finds a lock of package sync right behind what it keeps with it: these are
// errors, of constants below zero, where something lies between.
const (
	_ = -(unsafe.Offsetof(Mutex{}.mu) - unsafe.Sizeof(detect.Lock{}))
	_ = -(unsafe.Offsetof(RWMutex{}.mu) - unsafe.Sizeof(detect.Lock{}))
)

func (m *Mutex) lockObject() detect.LockObject {
	return detect.LockObject{Lock: &m.lock, Use: detect.UseMutex}
}

func (rw *RWMutex) lockObject() detect.LockObject {
	return detect.LockObject{Lock: &rw.lock, Use: detect.UseRWMutex}
}

func (r *rlocker) lockObject() detect.LockObject { return (*RWMutex)(r).lockObject() }

func (m *Mutex) object() detect.Object    { return m.lockObject() }
func (rw *RWMutex) object() detect.Object { return rw.lockObject() }
func (r *rlocker) object() detect.Object  { return r.lockObject() }
func (o *Once) object() detect.Object {
	return detect.LockObject{Lock: &o.lock.Lock, Use: detect.UseOnce}
}
func (w *WaitGroup) object() detect.Object { return &w.group }
func (c *Cond) object() detect.Object      { return &c.signals }

func (c Chan[T]) object() detect.Object {
	if c.c == nil {
		return nil
	}
	return &c.c.engine
}

// Name gives a lock, a Once, WaitGroup, Cond or Chan of this package (a pointer to
// it, or to a struct that embeds it, or the Chan) the name that findings show. Locks of one name count
// as one class, and a [Level] from [Nested] orders them. The best place for a call is
// the constructor: what is learnt before it stays as it was. Without a level a
// second call leaves the level as it is. Whatever this package does not know,
// such as a plain sync.Mutex, stays without a name.
func Name(object any, name string, at ...Level) {
	it, ok := object.(named)
	if !ok {
		return
	}
	o := it.object()
	if o == nil {
		return
	}
	var levels []int
	for _, level := range at {
		levels = append(levels, int(level))
	}
	detect.Name(o, name, levels)
}

// Forget makes the agent forget what it knows of locks: the orders in which they
// were taken, their names and declared orders. Call it when an object with locks in
// it goes back to a pool, such as a sync.Pool: the next user's locks are other locks
// then, in other roles. A lock that is held at that time is not known to be held
// afterwards. What is no lock of this package is left alone.
func Forget(locks ...any) {
	for _, it := range locks {
		if l, ok := it.(locker); ok {
			l.lockObject().Forget()
		}
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
	list := make([]any, len(locks))
	for i, it := range locks {
		switch it := it.(type) {
		case string:
			list[i] = it
		case locker:
			list[i] = it.lockObject()
		}
	}
	detect.Ordered(list)
}
