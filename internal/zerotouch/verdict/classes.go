package verdict

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/cycle"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// classes says which locks are of one class: those that have one name in the source;
// without a name those that one line acquires.
type classes struct {
	*cycle.Classes[*site]
	order  *order
	byName map[className]lockorder.ClassID
}

type className struct {
	kind tape.Kind
	name string // with the package
	site finding.Frame
}

func newClasses(o *order) *classes {
	return &classes{cycle.NewClasses(o.areApart), o, make(map[className]lockorder.ClassID)}
}

// of returns the class of a lock that is acquired at a stack; a Once has none.
func (k *classes) of(o tape.Object, at finding.Stack) lockorder.ClassID {
	if isDo(at) {
		return 0
	}
	name := k.order.nameOfClass(o, at)
	class, known := k.byName[name]
	if !known {
		class = k.NewClass()
		k.byName[name] = class
	}
	return class
}

func (s *scene) nameOfClass(o tape.Object, at finding.Stack) className {
	embedded := map[tape.Kind]string{tape.Mutex: "Mutex", tape.RWMutex: "RWMutex"}[o.Kind]
	if name := s.namer.Name(at.Site(), naming.Lock, embedded); name != "" {
		return className{kind: o.Kind, name: at.Site().Package() + " " + name}
	}
	return className{kind: o.Kind, site: at.Site()}
}

// request is a request in classes.
func (k *classes) request(d *request) lockorder.ClassRequest {
	r := lockorder.ClassRequest{Goroutine: d.Goroutine, Lock: k.order.id(d.Lock), Class: k.of(d.Lock, d.Stack), Mode: d.Mode}
	for _, h := range d.Held {
		r.Held = append(r.Held, lockorder.ClassHeld{Lock: k.order.id(h.Object), Class: k.of(h.Object, h.Stack), Mode: h.Mode})
	}
	return r
}

// cover notes that a cycle of two locks was reported: their classes are known for it.
func (k *classes) cover(c *cycle.Cycle[*site]) {
	if len(c.Deps) != 2 {
		return
	}
	a, b := c.Deps[0].Site, c.Deps[1].Site
	k.Cover(k.of(a.lock, a.stack), k.of(b.lock, b.stack))
}

// report looks at all requests.
func (k *classes) report() {
	for _, d := range k.order.requests {
		if d.Try || d.hasSemaphore() {
			continue
		}
		for _, i := range k.Add(k.request(d), func() lockorder.Dependency[*site] { return k.order.dependency(d) }) {
			k.order.report(i.Finding(), i.First.Dependency, i.Second.Dependency)
		}
	}
}
