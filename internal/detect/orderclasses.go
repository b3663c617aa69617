package detect

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// orderClasses finds the classes of locks for the order of classes. Locks with one name are
// of one class. Locks without a name are if they were first used at one line, or acquired
// under others at one: what one line acquires is one field or variable. Code that passes
// locks around makes few and large classes, between which no order is found. order.mu
// protects it.
type orderClasses struct {
	*cycle.Classes[*site]
	byName map[className]lockorder.ClassID
	bySite map[classSite]lockorder.ClassID
	// byCall has the classes by program counter, 0 for calls of the agent's own. It saves
	// expanding stacks.
	byCall map[classCall]lockorder.ClassID
	held   []lockorder.ClassHeld // scratch

	established // read without mu
}

type (
	className struct {
		kind finding.ResourceKind
		name string
	}
	classSite struct {
		kind finding.ResourceKind
		site finding.Frame
	}
	classCall struct {
		pc uintptr
		rw bool // stands for the kind
	}
)

func newOrderClasses() *orderClasses {
	return &orderClasses{
		Classes: cycle.NewClasses(neverConcurrent),
		byName:  make(map[className]lockorder.ClassID), bySite: make(map[classSite]lockorder.ClassID), byCall: make(map[classCall]lockorder.ClassID),
	}
}

// add takes a request for l and returns the inversions that it completes. Each Once is of
// a class of its own, which needs no id.
func (k *orderClasses) add(l *lockRecord, r *request) (found []cycle.Inversion[*site]) {
	note := func(more []cycle.Inversion[*site]) { found = append(found, more...) }
	if l.description.kind == finding.Once {
		return nil
	}
	asked := k.see(l.description, &r.stack, note)
	c := lockorder.ClassRequest{Goroutine: r.goroutine, Lock: l.id, Class: asked, Mode: r.mode, Held: k.held[:0]}
	for i := range r.holds {
		h := &r.holds[i]
		var class lockorder.ClassID
		if h.lock.description.kind != finding.Once {
			if class = k.see(h.lock.description, &h.stack, note); class == 0 || asked == 0 {
				return found // the class of one of them is not known
			}
		}
		c.Held = append(c.Held, lockorder.ClassHeld{Lock: h.lock.id, Class: class, Mode: h.mode})
	}
	k.held = c.Held
	note(k.Add(c, func() lockorder.Dependency[*site] { return r.dependency(l) }))
	return found
}

// see returns the class of a lock that is acquired here.
func (k *orderClasses) see(o *description, here *callers.Short, note func([]cycle.Inversion[*site])) lockorder.ClassID {
	class := k.of(o)
	if o.mark.Load() != nil || class == 0 {
		return class
	}
	if at := k.at(o.kind, here); at != 0 {
		a, b := k.Root(class), k.Root(at)
		note(k.Join(a, b))
		if a != b {
			k.join(uint32(min(a, b)), uint32(max(a, b)))
		}
	}
	return class
}

// rootOf returns the class that stands for all that are one with that of o, 0 if it is not
// known.
func (k *orderClasses) rootOf(o *description) lockorder.ClassID {
	if o.kind == finding.Once {
		return 0
	}
	return k.Root(k.of(o))
}

// clear forgets everything but the classes themselves.
func (k *orderClasses) clear() {
	k.Clear()
	k.established.clear()
}

// of returns the class by name or first use, 0 if that is not known.
func (k *orderClasses) of(o *description) lockorder.ClassID {
	if m := o.mark.Load(); m != nil {
		return classIn(k, k.byName, className{o.kind, m.name})
	}
	if o.class == 0 {
		o.class = k.at(o.kind, &o.firstUse)
	}
	return o.class
}

// at returns the class of the innermost call that is not the agent's own.
func (k *orderClasses) at(kind finding.ResourceKind, stack *callers.Short) lockorder.ClassID {
	for _, pc := range stack {
		if pc == 0 {
			break
		}
		call := classCall{pc, kind == finding.RWMutex}
		class, known := k.byCall[call]
		if !known {
			class = k.resolve(kind, pc)
			k.byCall[call] = class
		}
		if class != 0 {
			return class
		}
	}
	return 0
}

func (k *orderClasses) resolve(kind finding.ResourceKind, pc uintptr) lockorder.ClassID {
	for _, frame := range callers.Expand([]uintptr{pc}) {
		if !frame.IsMachinery() {
			return classIn(k, k.bySite, classSite{kind, frame})
		}
	}
	return 0
}

func classIn[K comparable](k *orderClasses, classes map[K]lockorder.ClassID, key K) lockorder.ClassID {
	class, known := classes[key]
	if !known {
		class = k.NewClass()
		classes[key] = class
	}
	return class
}

// cover notes that a cycle of two locks was reported, so that their classes are not.
func (k *orderClasses) cover(c *cycle.Cycle[*site]) {
	if len(c.Deps) == 2 {
		k.Cover(k.of(c.Deps[0].Site.description), k.of(c.Deps[1].Site.description))
	}
}
