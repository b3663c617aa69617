//go:build !concdoctor_off

package agent

import (
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/untrusted"
)

// named is implemented by all that can have a name. The object is nil for the nil channel.
type named interface{ object() detect.Object }

// locker is implemented by a Mutex, a RWMutex, what RLocker returns, and any struct that
// embeds one of the first two.
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

// Name gives an object the name that findings show. The object is a Mutex, RWMutex, Once,
// WaitGroup or Cond of this package (a pointer to it, or to a struct that embeds it) or a
// Chan. Locks with one name are one class, and a [Level] from [Nested] orders them. The
// best place for the call is the constructor, since it does not change what the agent has
// learned before. A second call without a level keeps the level. Name ignores any other
// object, such as a plain sync.Mutex.
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
	detect.Name(o, untrusted.Line(name), levels)
}

// Forget makes the agent forget what it knows about locks: the orders in which they were
// acquired, their names and declared orders. Call it when an object that contains locks
// goes back to a pool, such as a sync.Pool: for the next user they are other locks, in
// other roles. The agent does not know afterwards that a lock is held which is held at the
// time of the call. Forget ignores what is not a lock of this package.
func Forget(locks ...any) {
	for _, it := range locks {
		if l, ok := it.(locker); ok {
			l.lockObject().Forget()
		}
	}
}

// Ordered declares the order in which a goroutine must acquire locks that it holds at the
// same time. Each argument is a lock of this package, or a string that stands for all locks
// with that name. An acquisition of an earlier lock under a later one is reported at once
// (rule lock-order), also if no goroutine has ever acquired them in the declared order.
// TryLock cannot block and may go against the order. Several declarations add up; one that
// contradicts the earlier ones is reported and does not count.
func Ordered(locks ...any) {
	list := make([]any, len(locks))
	for i, it := range locks {
		switch it := it.(type) {
		case string:
			list[i] = untrusted.Line(it)
		case locker:
			list[i] = it.lockObject()
		}
	}
	detect.Ordered(list)
}
