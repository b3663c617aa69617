package detect

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// subject is something that goroutines wait for and that nobody holds: a channel,
// a wait group, a condition variable. What ends a wait for it is another goroutine
// that uses its other side, so it remembers who has used which side.
//
// A subject never points back to the user's value, so that is collected as before.
type waitable struct {
	id     uint64
	origin *origin
	maker  user // who made it, or used it first
	sides  [2]users
	usage  *usage // of what was made at the same place
	// group is set if this is a wait group's.
	group *groupRecord
	// lost, of a condition, is where the last signal found nobody waiting.
	lost *trail
}

// side is one of the two ways to use a subject.
type Side uint8

const (
	// giving is sending and closing, counting down, signalling.
	Giving Side = iota
	// taking is receiving, or waiting.
	Taking
)

// user is a goroutine that has used a subject. The state may serve another
// goroutine by now: the id tells.
type user struct {
	g  *Goroutine
	id uint64
}

// ended reports whether the goroutine is known to have ended.
func (u user) ended() bool { return u.g == nil || u.g.endedAs(u.id) }

var lastSubjectID atomic.Uint64

// newSubject makes the record of a channel or the like that g makes or uses for
// the first time; g may be nil. The class is the caller of its caller.
//
//go:noinline
func newWaitable(g *Goroutine, kind finding.ResourceKind, addr uintptr) *waitable {
	both := new(struct { // they live equally long
		waitable
		origin
	})
	both.origin.kind, both.origin.addr = kind, addr
	callers.Take(&both.origin.first)
	both.waitable.init(g, &both.origin)
	return &both.waitable
}

// init makes s the record of what g makes or uses for the first time.
func (s *waitable) init(g *Goroutine, o *origin) {
	s.id, s.origin, s.usage = lastSubjectID.Add(1), o, std.usages.of(&o.first)
	if g != nil {
		s.maker = user{g, g.identity()}
	}
}

// maxUsers is how many living goroutines on one side are remembered. A channel
// with more of them does not hang for want of one.
const maxUsers = 64

// users are the goroutines that were seen on one side of a subject.
type users struct {
	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu   sync.Mutex
	list []user
	// many is set when there were more than maxUsers alive at once: who else there
	// is, is not known any more.
	many bool
	// prune is the length at which those who have ended are looked for next.
	prune int
}

// usedSlots is how many uses a goroutine remembers to have told already: enough for
// a select of eight that is repeated.
const (
	usedBits  = 5
	usedSlots = 1 << usedBits
)

// used notes that the goroutine used a side of s. Told once, it costs a look at
// the goroutine's own memory.
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

func (u *users) add(who user) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.many || slices.Contains(u.list, who) {
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
	u.list = append(u.list, who)
}

// alive returns those who have not ended, and whether there are more than these.
func (u *users) alive() (list []user, many bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, who := range u.list {
		if !who.ended() {
			list = append(list, who)
		}
	}
	return list, u.many
}

// ever reports whether anybody was seen there.
func (u *users) ever() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.many || len(u.list) > 0 || u.prune > 0
}

// identity is the id of the goroutine, also while the agent runs on it.
//
//go:norace
func (g *Goroutine) identity() uint64 {
	if g.inside != 0 {
		return g.inside
	}
	return g.id
}

// endedAs reports whether the goroutine with this id, whose state g was, is known
// to have ended: its g has another tenant or none, or agent.Go saw it return.
//
//go:norace
func (g *Goroutine) endedAs(id uint64) bool {
	return g.identity() != id || g.gone.Load() == id || gid.Fast && gid.Ended(g.g, id)
}
