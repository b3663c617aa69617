package detect

import (
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// established are the orders of classes that were seen so often that one more pair of locks
// is no news: a thousand accounts make half a million pairs. A request in such an order is
// passed over, which costs some loads, as long as it agrees with the topological order
// of the graph.
//
// What is passed over is no evidence. But no cycle is lost by that in a program that goes
// on: among requests that make a cycle, and that are made again and again, at each time one
// is against the order of the graph, since no order agrees with all of them. It
// is added, and the graph's order agrees with it from then on. There are finitely many, so
// in the end those in the graph make a cycle by themselves. Locks on a common cycle have no
// order that a request could agree with.
//
// Readers need no lock. order.mu protects writes.
type established struct {
	slots [1 << establishedBits]establishedOrder
}

// establishedOrder counts the dependencies of locks of one class on locks of another one, or
// of the same.
type establishedOrder struct {
	key   atomic.Uint32 // orderKey, 0 if the slot is free
	count atomic.Uint32 // or contested
}

const (
	establishedBits = 12
	// nearSlots is how many slots an order may be in.
	nearSlots = 16
	// enoughDependencies is how many dependencies establish an order, and enoughLeaves how many
	// that where nothing was requested yet under the lock asked for, which cost less. A test has
	// fewer, so that everything is evidence there.
	enoughDependencies = 1 << 11
	enoughLeaves       = 1 << 13
	// contested is the count of an order if its opposite was seen, too. Each request is
	// evidence for an inversion then.
	contested = 1 << 31
	// maxPassedHolds is the number of holds up to which requests are passed over.
	maxPassedHolds = 8
	// maxOrderClass is the last class that has orders.
	maxOrderClass = 1<<orderClassBits - 1
)

// orderKey is two classes and two modes. It is 0 if one of the classes is not known.
type orderKey uint32

const orderClassBits = 15

func orderKeyOf(from uint32, held lockorder.Mode, to uint32, asked lockorder.Mode) orderKey {
	if from == 0 || to == 0 || from > maxOrderClass || to > maxOrderClass {
		return 0
	}
	return orderKey(from<<orderClassBits|to)<<2 | orderKey(held)<<1 | orderKey(asked)
}

func (k orderKey) from() uint32 { return uint32(k) >> (2 + orderClassBits) }

func (k orderKey) to() uint32 { return uint32(k) >> 2 & maxOrderClass }

// with returns k with the class b in place of a.
func (k orderKey) with(a, b uint32) orderKey {
	from, to := k.from(), k.to()
	if from == a {
		from = b
	}
	if to == a {
		to = b
	}
	return orderKeyOf(from, lockorder.Mode(k>>1&1), to, lockorder.Mode(k&1))
}

// slot returns the slot of the key, or a free one where it can be; nil if there is none.
func (e *established) slot(key orderKey) *establishedOrder {
	at := uint32(key) * 0x9e3779b1 >> (32 - establishedBits)
	for i := range uint32(nearSlots) {
		s := &e.slots[(at+i)%uint32(len(e.slots))]
		if known := s.key.Load(); known == uint32(key) || known == 0 {
			return s
		}
	}
	return nil
}

// count returns how many dependencies of the key were noted, or contested.
func (e *established) count(key orderKey) uint32 {
	if s := e.slot(key); s != nil && key != 0 && s.key.Load() == uint32(key) {
		return s.count.Load()
	}
	return 0
}

// note counts n more dependencies.
func (e *established) note(key orderKey, n uint32) {
	s := e.slot(key)
	if s == nil || key == 0 {
		return
	}
	if s.key.Load() == 0 {
		s.key.Store(uint32(key))
		if from, to := key.from(), key.to(); from != to && e.contest(to, from) {
			e.contest(from, to)
		}
	}
	if known := s.count.Load(); known < contested {
		s.count.Store(min(known+n, enoughLeaves))
	}
}

// contest notes that the classes were acquired in the opposite order, too. It reports whether
// they had this one.
func (e *established) contest(from, to uint32) (known bool) {
	for modes := range orderKey(4) {
		key := orderKey(from<<orderClassBits|to)<<2 | modes
		if s := e.slot(key); s != nil && s.key.Load() == uint32(key) {
			s.count.Store(contested)
			known = true
		}
	}
	return known
}

// join makes the class b the class a. Records of locks that still say b have no orders.
func (e *established) join(a, b uint32) {
	for i := range e.slots {
		s := &e.slots[i]
		key := orderKey(s.key.Load())
		if key == 0 || key.from() != b && key.to() != b {
			continue
		}
		if n := s.count.Swap(contested); n < contested {
			e.note(key.with(b, a), n)
		} else if joined := key.with(b, a); joined.from() != joined.to() {
			e.note(joined, 0)
			e.contest(joined.from(), joined.to())
		}
	}
}

// clear makes e empty.
func (e *established) clear() {
	for i := range e.slots {
		e.slots[i].key.Store(0)
		e.slots[i].count.Store(0)
	}
}

// passes reports whether the goroutine's request for l adds nothing: the classes of all locks
// that it holds have an established order with that of l, and each lock comes before l in
// the order of the graph, or nothing was requested under l yet. A request that tells more
// than that never passes: for a parent of the goroutine, for a lock with a level, for a
// wait group.
//
//go:norace
func (e *established) passes(g *Goroutine, l *lockRecord, mode lockorder.Mode) bool {
	if g.delegation != nil || g.n == 0 || g.n > maxPassedHolds || !l.hasOrder() {
		return false
	}
	at, to := l.place.Load(), l.classOf().order.Load()
	if at != nil && l.description.kind == finding.RWMutex && mode == lockorder.Exclusive && !at.IsWritten() {
		return false
	}
	for i := range g.n {
		h := &g.held[i]
		if !h.isValid() || !h.lock.hasOrder() {
			return false
		}
		n := e.count(orderKeyOf(h.lock.classOf().order.Load(), h.mode, to, mode))
		if n < enoughDependencies || at == nil && n < enoughLeaves || n >= contested {
			return false
		}
		if before := h.lock.placed(); before == nil || at != nil && !before.Before(at) {
			return false
		}
	}
	return true
}

// placed returns the place of a lock under which something is requested. Without one it takes
// the first place, before all that it may have been requested under: such a request has been
// passed over or comes for the first time. If one was kept instead, the result is nil: it
// must enter the graph first. keepPending keeps none when it finds a place.
func (l *lockRecord) placed() *lockorder.Place {
	if at := l.place.Load(); at != nil {
		return at
	}
	if l.kept.Load() {
		return nil
	}
	l.place.CompareAndSwap(nil, std.order.graph.FirstPlace())
	if l.kept.Load() {
		return nil
	}
	return l.place.Load()
}

// hasOrder reports whether only its class and place say in which order the lock is acquired.
func (l *lockRecord) hasOrder() bool {
	m := l.description.mark.Load()
	return (m == nil || !m.nested) && l.description.kind != finding.WaitGroup
}

// noteOrders counts the dependencies of r in the orders of classes, and notes what passes
// reads.
func (k *orderClasses) noteOrders(l *lockRecord, r *request) {
	to := k.orderOf(l)
	for i := range r.holds {
		h := &r.holds[i]
		k.note(orderKeyOf(k.orderOf(h.lock), h.mode, to, r.mode), 1)
	}
}

// orderOf returns the class of l in the order of classes, 0 if it is not known, and notes it
// for passes.
func (k *orderClasses) orderOf(l *lockRecord) uint32 {
	class := l.classOf()
	if class.mixed {
		return 0
	}
	order := uint32(k.rootOf(l.description))
	if order != class.order.Load() {
		class.order.Store(order)
	}
	return order
}
