package detect

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// place is where a lock keeps its record.
type Place struct {
	Slot *atomic.Pointer[Lock]
	Addr unsafe.Pointer
	Kind finding.ResourceKind
	// Raw is the lock without its record, in exclusive mode.
	Raw interface {
		TryLock() bool
		Unlock()
	}
}

// known returns the record, nil if there is none yet.
func (p Place) known() *Lock {
	if l := p.Slot.Load(); l.Belongs(p.Addr) {
		return l
	}
	return nil
}

// now returns the record, and makes it if there is none.
//
//go:noinline
func (p Place) Now() *Lock {
	if l := p.known(); l != nil {
		return l
	}
	return p.Make()
}

// changeClass makes the lock one of another class, by its new name.
func (p Place) ChangeClass() { p.Now().class.Store(nil) }

// forget makes the agent forget what it knows of the lock: the next use is its first.
func (p Place) Forget() {
	if l := p.Slot.Load(); l != nil && p.Slot.CompareAndSwap(l, nil) && l.Belongs(p.Addr) {
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
func (o *Origin) Name(name string, levels []int) {
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
func IsOff() bool { return std.off.Load() }

// rank is a lock, or all locks of a name, in the declared order.
type rank struct {
	id   lockorder.LockID
	name string
}

// ranksOf are the ranks of a lock: its own and its name's.
func ranksOf(l *Lock) []rank {
	ranks := []rank{{id: l.id}}
	if m := l.Origin.mark.Load(); m != nil {
		ranks = append(ranks, rank{name: m.name})
	}
	return ranks
}

// declarable is an argument of Ordered.
type Declarable struct {
	rank
	origin *Origin
}

func DeclaredName(name string) *Declarable {
	o := &Origin{kind: finding.Mutex}
	o.mark.Store(&mark{name: name})
	return &Declarable{rank{name: name}, o}
}

func (p Place) Declared() *Declarable {
	l := p.Now()
	std.order.keep(l)
	return &Declarable{rank{id: l.id}, l.Origin}
}

// ordered is Ordered for what is not nil of these.
//
//go:noinline
func Ordered(list []*Declarable) {
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
