package detect

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// kin is what was seen of all subjects that were made at one place: whether those
// who use a side of them belong to the maker's family, that is are the maker itself
// or a goroutine that it started.
//
// A census says who descends from whom, but a channel can also be handed on through
// shared memory: a client puts it into a table of pending calls, and the reader of
// the connection, no relative of the client's, sends the reply. Where that was ever
// seen, what a census says is worth nothing. Where nobody was seen to use the side
// at all, it is worth something after a long time only.
type kin struct {
	sides [2]atomic.Uint32 // bits of relation
	// searches is how often a goroutine was looked for by its id.
	searches atomic.Int32
}

// maxSearches bounds the searches for one place: each looks at all goroutines. Who
// is not searched for is taken for a stranger, which makes the watch silent.
const maxSearches = 256

// maxGenerations is how far up ancestors are followed.
const maxGenerations = 4

// relation says who was seen.
type relation uint32

const (
	family relation = 1 << iota
	foreign
)

// lonePatience is how many times longer than others a wait must last for which
// nobody has ever been seen to do what would end it.
const lonePatience = 10

// kindred finds the kin of a new subject. Later places share one, about which
// nothing is believed.
type kindred struct {
	byStack sync.Map // kinKey -> *kin
	count   atomic.Int32
	others  kin
}

// kinKey is the innermost part of the stack of the first use: some calls of the
// agent's and the user's own.
type kinKey [3]uintptr

// maxKindred bounds what a program costs that makes subjects at ever new places.
const maxKindred = 10000

func (k *kindred) of(first *callers.Short) *kin {
	key := kinKey(first[:3])
	if known, ok := k.byStack.Load(key); ok {
		return known.(*kin)
	}
	if k.count.Add(1) > maxKindred {
		k.others.sides[Giving].Store(uint32(foreign))
		k.others.sides[Taking].Store(uint32(foreign))
		return &k.others
	}
	known, _ := k.byStack.LoadOrStore(key, new(kin))
	return known.(*kin)
}

// learn notes that g uses a side of s.
func (k *kin) learn(s *waitable, g *Goroutine, at Side) {
	if relation(k.sides[at].Load())&foreign != 0 {
		return // nothing else matters any more
	}
	r := foreign
	if k.isFamily(g, s.maker.id) {
		r = family
	}
	if relation(k.sides[at].Load())&r == 0 {
		k.sides[at].Or(uint32(r))
	}
}

// isFamily reports whether g is the goroutine with the id or descends from it. A
// timer's function is nobody's child.
//
//go:norace
func (k *kin) isFamily(g *Goroutine, id uint64) bool {
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
		case k.searches.Add(1) > maxSearches:
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

// believes returns how long a wait for the side must last before a census is
// believed that nobody is left to use it; false if it never is.
func (k *kin) believes(at Side, enough time.Duration) (time.Duration, bool) {
	switch r := relation(k.sides[at].Load()); {
	case r&foreign != 0:
		return 0, false
	case r == 0:
		return lonePatience * enough, true
	default:
		return enough, true
	}
}

// isBelieved reports whether a census is believed about all waits of the knot now.
// Knots with a lock are judged apart as well: see reportMixed.
func (k *knot) isBelieved(now time.Time, enough time.Duration) bool {
	for _, s := range k.members {
		if s.lock != nil || s.isExact() {
			continue
		}
		for _, c := range s.cases {
			if c.subject == nil {
				continue
			}
			if least, ever := c.subject.kin.believes(c.at, enough); !ever || now.Sub(s.since) < least {
				return false
			}
		}
	}
	return true
}
