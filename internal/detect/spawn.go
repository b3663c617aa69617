package detect

import (
	"sync"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Spawned is what a goroutine inherits from its creator, and what it owes when it ends: one
// Done, if the Go of a wait group started it. It is zero if the creator is not tracked.
type Spawned struct {
	creator    uintptr // the program counter of the call of Go
	before     *stamp
	delegation *delegation
	group      *groupRecord
	order      *orderDebt
}

// orderDebt is a Done that the order graph knows of.
type orderDebt struct {
	lock  *lockRecord
	stack callers.Short // of the call of Go
}

// Spawn notes that the running goroutine is about to start another one. The caller is the
// function that the program called.
//
//go:noinline
func Spawn() Spawned {
	var at callers.Short
	if callers.Fast {
		callers.Walk(&at)
	} else {
		callers.Slow(&at)
	}
	s := Spawned{creator: at[0]}
	if g := current(); g != nil {
		s.before, s.delegation = g.publish(), g.delegate()
	}
	return s
}

// SpawnLater is Spawn for a function that is called at some time, once or more often: the
// goroutine does not wait for it under the locks that it holds now.
//
//go:noinline
func SpawnLater() Spawned {
	var at callers.Short
	if callers.Fast {
		callers.Walk(&at)
	} else {
		callers.Slow(&at)
	}
	s := Spawned{creator: at[0]}
	if g := current(); g != nil {
		s.before = g.publish()
	}
	return s
}

// Spawn notes that the running goroutine is about to start one that raw counts. The caller
// is the method that the program called.
//
//go:norace
//go:noinline
func (w *Group) Spawn(raw *sync.WaitGroup) Spawned {
	g := current()
	if g == nil {
		return Spawned{}
	}
	var at callers.Short
	if callers.Fast {
		callers.Walk(&at)
	} else {
		callers.Slow(&at)
	}
	r := w.known(g)
	s := Spawned{creator: at[0], before: g.publish(), group: r}
	if Count(raw) == 0 {
		r.open(&at)
	}
	if g.n > 0 {
		s.order = r.order(&at)
	}
	return s
}

// AddOver is as that of the wait group's record.
func (s *Spawned) AddOver(raw *sync.WaitGroup, done bool) { s.group.AddOver(raw, done) }

// Run calls f in the running goroutine, which was started for that. The goroutine ends with
// f, also if f panics or calls runtime.Goexit.
func (s *Spawned) Run(f func()) {
	g := current()
	if g == nil || s.creator == 0 {
		f()
		return
	}
	g.begin(s)
	defer g.finish(g.identity(), s)
	f()
}

// begin notes what the goroutine inherits.
//
//go:norace
func (g *Goroutine) begin(s *Spawned) {
	g.creator, g.owes = s.creator, s.group
	g.observe(s.before)
	g.accept(s.delegation)
	if s.order != nil {
		h := g.note(s.order.lock, lockorder.Shared)
		*g.walk(h) = s.order.stack
		g.AcquiredShared(h)
	}
}

// pay ends what begin noted: the goroutine is about to call Done.
//
//go:norace
func (g *Goroutine) pay(s *Spawned) {
	if s.group != nil {
		s.group.done.publish(g.publish())
	}
	g.owes = nil
	if s.order != nil && !g.pop(s.order.lock, lockorder.Shared) {
		g.releasedBelow(s.order.lock, lockorder.Shared)
	}
}

// finish notes that the goroutine with this id ends. It will not release what it holds.
//
//go:norace
func (g *Goroutine) finish(id uint64, s *Spawned) {
	if now := current(); now != g {
		return // detection was switched off meanwhile
	}
	g.pay(s)
	g.settleAll()
	std.scanner.abandon(id, g.creator, g.snapshot())
	g.n, g.hash, g.delegation, g.seed = 0, 0, nil, 0
	g.timeline.forget()
	g.gone.Store(id)
	std.states.ended(g, id)
}
