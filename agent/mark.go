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
	return p.make()
}

// changeClass makes the lock one of another class, by its new name.
func (p place) changeClass() { p.now().class.Store(nil) }

// forget makes the agent forget what it knows of the lock: the next use is its first.
func (p place) forget() {
	if l := p.slot.Load(); l != nil && p.slot.CompareAndSwap(l, nil) && l.belongs(p.addr) {
		l.handoffs.Add(1) // holds on record are void
		std.registry.void(l)
		std.order.drop(l)
	}
}

// mark is what the program says of a lock or of something else that is waited for.
type mark struct {
	name   string
	level  int
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

// name gives what o describes a name, and a level if there is one.
func (o *origin) name(name string, levels []int) {
	m := mark{name: name}
	if old := o.mark.Load(); old != nil {
		m.level, m.nested = old.level, old.nested
	}
	for _, level := range levels {
		m.level, m.nested = level, true
	}
	o.mark.Store(&m)
}

// isOff reports whether detection is off.
func isOff() bool { return std.off.Load() }

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

// declarable is an argument of Ordered.
type declarable struct {
	rank
	origin *origin
}

func declaredName(name string) *declarable {
	o := &origin{kind: finding.Mutex}
	o.mark.Store(&mark{name: name})
	return &declarable{rank{name: name}, o}
}

func (p place) declared() *declarable {
	l := p.now()
	std.order.keep(l)
	return &declarable{rank{id: l.id}, l.origin}
}

// ordered is Ordered for what is not nil of these.
//
//go:noinline
func ordered(list []*declarable) {
	at := &site{stack: callers.Long()}
	std.protect(func() {
		for i := range max(0, len(list)-1) {
			a, b := list[i], list[i+1]
			if a == nil || b == nil {
				continue
			}
			if against := std.order.declare(a.rank, b.rank, at); against != nil {
				std.sink.report(contradiction(a, b, at, against[0]))
			}
		}
	})
}
