//go:build !concdoctor_off

package agent

import (
	"runtime"
	"sync"

	"github.com/concdoctor/concdoctor/agent/internal/callers"
	"github.com/concdoctor/concdoctor/agent/lockorder"
)

// order is the lock-dependency graph of the process.
type order struct {
	// mu protects all fields and every lock's inGraph. It is a leaf: nothing else is locked under it.
	mu      sync.Mutex
	graph   lockorder.Graph[*site]
	origins map[lockorder.LockID]*origin
}

// site is where a lock was acquired or asked for.
type site struct {
	stack   []uintptr
	creator uintptr // of the goroutine: the go statement
}

// dependency is a lockorder.Cycle with the origins of its locks.
type cycle struct {
	lockorder.Cycle[*site]
	origins map[lockorder.LockID]*origin
}

// depend tells the order graph that the goroutine asks for l under the locks that
// it holds, and reports the cycles which that completes.
//
//go:norace
//go:noinline
func (g *goroutine) depend(l *lock, mode lockorder.Mode) {
	g.enter()
	defer g.leave()
	g.compact()
	if g.n == 0 {
		return
	}
	holds := g.snapshot()
	locks := make([]*lock, 0, len(holds)+1)
	d := lockorder.Dependency[*site]{
		Goroutine: g.inside,
		Lock:      l.id,
		Mode:      mode,
		Held:      make([]lockorder.Held[*site], len(holds)),
		Site:      &site{stack: callers.Long(), creator: g.creator},
	}
	for i := range holds {
		h := &holds[i]
		locks = append(locks, h.lock)
		d.Held[i] = lockorder.Held[*site]{Lock: h.lock.id, Mode: h.mode, Site: &site{stack: h.stack.PCs()}}
	}
	hash := extend(g.hash, l.id, mode)
	std.protect(func() {
		cycles, saturated := std.order.add(d, append(locks, l))
		std.chains.add(hash, d.Goroutine, saturated)
		for _, c := range cycles {
			std.sink.report(c.finding())
		}
	})
}

func (o *order) add(d lockorder.Dependency[*site], locks []*lock) (found []cycle, saturated bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.origins == nil {
		o.origins = make(map[lockorder.LockID]*origin)
	}
	for _, l := range locks {
		if !l.inGraph {
			l.inGraph = true
			o.origins[l.id] = l.origin
			runtime.AddCleanup(l, o.forget, l.id)
		}
	}
	cycles, saturated := o.graph.Add(d)
	for _, c := range cycles {
		origins := make(map[lockorder.LockID]*origin, len(c.Deps))
		for _, dep := range c.Deps {
			origins[dep.Lock] = o.origins[dep.Lock]
			for _, h := range dep.Held {
				origins[h.Lock] = o.origins[h.Lock]
			}
		}
		found = append(found, cycle{c, origins})
	}
	return found, saturated
}

// forget runs when a lock's record was collected.
func (o *order) forget(id lockorder.LockID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.origins, id)
	o.graph.Forget(id)
}
