package detect

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// usage is what was seen of all waitables that were made at one place: whether the
// goroutines that use a side of them belong to the family of the maker, that is, are the
// maker itself or descend from it.
//
// A census says which goroutine descends from which, but a channel can also be handed on
// through shared memory: a client puts it into a table of pending calls, and the reader of
// the connection, which the client did not start, sends the reply. If that was ever seen, a
// census proves nothing. If no goroutine was ever seen to use the side, a census counts
// only after a long time; see package hang.
type usage struct {
	sides [2]atomic.Uint32 // bits of relation
	// searches is the number of searches for a goroutine by its id.
	searches atomic.Int32
}

// maxSearches bounds the searches for one place: each one visits all goroutines. A goroutine
// that is not found counts as a stranger, so that no hang is reported.
const maxSearches = 256

// maxGenerations is the number of generations that descent is followed.
const maxGenerations = 4

// relation says which goroutines were seen.
type relation uint32

const (
	family relation = 1 << iota
	foreign
)

// alike returns what was seen of a side.
func (u *usage) alike(at Side) hang.Alike {
	switch r := relation(u.sides[at].Load()); {
	case r&foreign != 0:
		return hang.AlikeStrangers
	case r == 0:
		return hang.AlikeNever
	}
	return hang.AlikeFamily
}

// usages finds the usage of a new waitable. Places beyond maxUsages share one, for which no
// hang is reported.
type usages struct {
	byStack sync.Map // usageKey -> *usage
	count   atomic.Int32
	others  usage
}

// usageKey is the innermost part of the stack of the first use: one or two calls of the agent
// and the calling line of the program.
type usageKey [3]uintptr

// maxUsages bounds the cost of a program that makes waitables at ever new places.
const maxUsages = 10000

func (all *usages) of(first *callers.Short) *usage {
	key := usageKey(first[:3])
	if known, ok := all.byStack.Load(key); ok {
		return known.(*usage)
	}
	if all.count.Add(1) > maxUsages {
		all.others.sides[Giving].Store(uint32(foreign))
		all.others.sides[Taking].Store(uint32(foreign))
		return &all.others
	}
	known, _ := all.byStack.LoadOrStore(key, new(usage))
	return known.(*usage)
}

// learn notes that g uses a side of s.
func (u *usage) learn(s *waitable, g *Goroutine, at Side) {
	if relation(u.sides[at].Load())&foreign != 0 {
		return // nothing changes any more
	}
	r := foreign
	if u.isFamily(g, s.maker.id) {
		r = family
	}
	if relation(u.sides[at].Load())&r == 0 {
		u.sides[at].Or(uint32(r))
	}
}

// isFamily reports whether g is the goroutine with the id or descends from it. The function
// of a timer descends from no goroutine.
//
//go:norace
func (u *usage) isFamily(g *Goroutine, id uint64) bool {
	for range maxGenerations {
		switch {
		case id == 0 || g == nil:
			return false
		case g.identity() == id:
			return true
		case g.parent == 0 || isTimers(g.creator):
			return false
		case g.parent == id:
			return true
		case u.searches.Add(1) > maxSearches:
			return false
		}
		g = std.states.withID(g.parent)
	}
	return false
}

func isTimers(creator uintptr) bool {
	f := runtime.FuncForPC(creator)
	return f != nil && strings.HasPrefix(f.Name(), "time.")
}
