package detect

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// waitable is something that goroutines wait for and that no goroutine holds: a channel, a
// wait group, a condition variable. Another goroutine ends the wait by using the other
// side, so the waitable records which goroutines have used which side.
//
// It does not point back to the value in the program, which is collected as without it.
type waitable struct {
	id          uint64
	description *description
	maker       user // the goroutine that made it, or used it first
	sides       [2]users
	usage       *usage // of what was made at the same place
	// group is the record that this is part of, if it is that of a wait group.
	group *groupRecord
	// lost is the stack of the last signal of a condition, if no goroutine was waiting.
	lost *lastStack
}

// Side is one of the two ways to use a waitable.
type Side uint8

const (
	// Giving is sending and closing, counting down, signalling.
	Giving Side = iota
	// Taking is receiving, or waiting.
	Taking
)

// user is a goroutine that has used a waitable. The state may have passed to another
// goroutine since, which then has another id.
type user struct {
	g  *Goroutine
	id uint64
}

// ended reports whether the goroutine is known to have ended.
func (u user) ended() bool { return u.g == nil || u.g.endedAs(u.id) }

var lastWaitableID atomic.Uint64

// newWaitable returns the record of a channel or the like that g makes or uses for the first
// time; g may be nil. Its class is the caller of the caller.
//
//go:noinline
func newWaitable(g *Goroutine, kind finding.ResourceKind, addr uintptr) *waitable {
	both := new(struct { // they live equally long
		waitable
		description
	})
	both.description.kind, both.description.addr = kind, addr
	callers.Take(&both.description.firstUse)
	both.waitable.init(g, &both.description)
	return &both.waitable
}

// init makes s the record of what g makes or uses for the first time.
func (s *waitable) init(g *Goroutine, o *description) {
	s.id, s.description, s.usage = lastWaitableID.Add(1), o, std.usages.of(&o.firstUse)
	if g != nil {
		s.maker = user{g, g.identity()}
	}
}

// maxUsers is the number of living goroutines that are recorded for one side. A channel with
// more of them hardly lacks one.
const maxUsers = 64

// users are the goroutines that have used one side of a waitable.
type users struct {
	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu   sync.Mutex
	list []user
	// many is set once more than maxUsers were alive at the same time: further ones are
	// not recorded.
	many bool
	// prune is the length at which those that have ended are dropped next.
	prune int
}

// usedSlots is the number of recorded uses that a goroutine remembers: enough for a repeated
// select of eight cases.
const (
	usedBits  = 5
	usedSlots = 1 << usedBits
)

// used records that the goroutine uses a side of s. If it has recorded that before, this
// costs a look at its own memory.
//
//go:norace
func (g *Goroutine) used(s *waitable, at Side) {
	key := s.id<<1 | uint64(at)
	if slot := &g.uses[key*0x9e3779b97f4a7c15>>(64-usedBits)]; *slot != key { // neighbours lie apart
		*slot = key
		s.sides[at].add(user{g, g.identity()})
		s.usage.learn(s, g, at)
	}
}

func (u *users) add(one user) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.many || slices.Contains(u.list, one) {
		return
	}
	if len(u.list) >= max(u.prune, 4) {
		u.list = slices.DeleteFunc(u.list, user.ended)
		u.prune = 2 * len(u.list)
	}
	if len(u.list) >= maxUsers {
		u.many, u.list = true, nil
		return
	}
	u.list = append(u.list, one)
}

// living returns the goroutines that have not ended, and whether there are more than these.
func (u *users) living() (list []user, many bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, one := range u.list {
		if !one.ended() {
			list = append(list, one)
		}
	}
	return list, u.many
}

// ever reports whether any goroutine has used the side.
func (u *users) ever() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.many || len(u.list) > 0 || u.prune > 0
}

// identity returns the id of the goroutine, also while the engine runs on it.
//
//go:norace
func (g *Goroutine) identity() uint64 {
	if g.inside != 0 {
		return g.inside
	}
	return g.id
}

// endedAs reports whether the goroutine with this id, which had the state g, is known to have
// ended: its g has passed to another one or is free, or agent.Go has seen it return.
//
//go:norace
func (g *Goroutine) endedAs(id uint64) bool {
	return g.identity() != id || g.gone.Load() == id || gid.Fast && gid.Ended(g.g, id)
}
