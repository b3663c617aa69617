package verdict

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// site is where a lock was acquired or asked for; it is a cycle.Site.
type site struct {
	scene *scene
	lock  tape.Object
	stack finding.Stack
	// dep is the request, nil for a hold.
	dep *request
}

func (s *site) Frames() finding.Stack { return s.stack }

func (s *site) Lock() judge.Object { return s.scene.object(s.lock) }

func (s *site) Created() finding.Frame { return judge.Created(s.dep.Created) }

func (s *site) Via() uint64 { return 0 }

func (s *site) Unowned() bool { return s.scene.isSemaphore(keyOf(s.lock), s.stack) }

// dependency is a request in the terms of the graph.
func (o *order) dependency(d *request) lockorder.Dependency[*site] {
	dep := lockorder.Dependency[*site]{
		Goroutine: d.Goroutine, Lock: o.id(d.Lock), Mode: d.Mode, Site: &site{o.scene, d.Lock, d.Stack, d},
	}
	for _, h := range d.Held {
		dep.Held = append(dep.Held, lockorder.Held[*site]{Lock: o.id(h.Object), Mode: h.Mode, Site: &site{o.scene, h.Object, h.Stack, nil}})
	}
	return dep
}

func (o *order) id(lock tape.Object) lockorder.LockID {
	k := keyOf(lock)
	id, known := o.ids[k]
	if !known {
		id = lockorder.LockID(len(o.ids) + 1)
		o.ids[k] = id
	}
	return id
}
