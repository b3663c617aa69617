package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Object is an object of the program that findings show and that can have a name: a
// LockObject, Group, Cond or Chan.
type Object interface {
	// described returns what findings show, nil if nothing is known.
	described() *description
}

// LockObject is a lock of the program.
type LockObject struct {
	Lock *Lock
	Use  Use
}

func (o LockObject) described() *description { return o.Lock.known(o.Use).description }

func (w *Group) described() *description { return &w.known(current()).own }

func (c *Cond) described() *description { return &c.known().own }

func (c *Chan) described() *description {
	if c.waitable == nil {
		return nil // made while detection was off
	}
	return c.waitable.description
}

// Name gives an object a name, and a level among those of its name if there is one.
func Name(object Object, name string, levels []int) {
	if std.off.Load() {
		return
	}
	o := object.described()
	if o == nil {
		return
	}
	o.setName(name, levels)
	if l, isLock := object.(LockObject); isLock {
		l.Lock.known(l.Use).class.Store(nil) // it is of another class now
	}
}

// Forget makes the engine forget what it knows about the lock: the next use is its first.
func (o LockObject) Forget() {
	l := o.Lock
	if r := l.record.Load(); r != nil && l.record.CompareAndSwap(r, nil) && r.belongs(l) {
		r.handoffs.Add(1) // holds on record are void
		std.registry.voidHolds(r)
		std.order.drop(r)
	}
}

// rank is a lock, or all locks of a name, in the declared order.
type rank struct {
	id   lockorder.LockID
	name string
}

// ranksOf returns the ranks of a lock: its own and that of its name.
func ranksOf(l *lockRecord) []rank {
	ranks := []rank{{id: l.id}}
	if m := l.description.mark.Load(); m != nil {
		ranks = append(ranks, rank{name: m.name})
	}
	return ranks
}

// declarable is an argument of Ordered.
type declarable struct {
	rank
	origin *description
}

// declarableOf returns nil for an argument that is neither a LockObject nor a name.
func declarableOf(it any) *declarable {
	switch it := it.(type) {
	case string:
		o := &description{kind: finding.Mutex}
		o.mark.Store(&mark{name: it})
		return &declarable{rank{name: it}, o}
	case LockObject:
		r := it.Lock.known(it.Use)
		std.order.keep(r)
		return &declarable{rank{id: r.id}, r.description}
	}
	return nil
}

// Ordered declares that locks are acquired in this order. Each is a LockObject or a string,
// which is the name of several; others are ignored.
//
//go:noinline
func Ordered(list []any) {
	if std.off.Load() {
		return
	}
	at := &site{stack: callers.Long()}
	std.protect(func() {
		for i := range max(0, len(list)-1) {
			a, b := declarableOf(list[i]), declarableOf(list[i+1])
			if a == nil || b == nil {
				continue
			}
			if against := std.order.declare(a.rank, b.rank, at); against != nil {
				std.sink.report(contradiction(a, b, at, against[0]))
			}
		}
	})
}
