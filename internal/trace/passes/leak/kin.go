package leak

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// generations is how many ancestors of a goroutine are remembered. Programs whose
// goroutines create goroutines seldom go deeper between a waiter and its waker.
const generations = 4

// kin is a goroutine's ancestors by runtime id, its creator first; 0 is not known.
type kin [generations]uint64

// far tells how far up the waiters at a line are related to those that woke them, the
// farthest of all: near+n if they meet in the waiter's n-th ancestor, the waiter itself
// being the 0th.
type far uint8

const (
	nobody far = iota // nobody was woken there
	near
	// stranger is a waker with no such ancestor in common, or the runtime: anybody may
	// be the next.
	stranger = near + generations + 1
)

// create remembers who a goroutine descends from. It makes room for each: lookAround
// goes by that.
func (p *pass) create(g *replay.Goroutine) {
	own := kin{g.Creator}
	if by := p.tr.Goroutine(g.By); by != nil && g.Creator != 0 {
		copy(own[1:], p.past.At(by).kin[:])
	}
	p.past.At(g).kin = own
}

// relation tells in which ancestor of the woken goroutine it meets its waker.
func (p *pass) relation(s *replay.Span) far {
	if s.Waker == nil || s.Waker.System {
		return stranger
	}
	line, other := p.past.At(s.G).kin, p.past.At(s.Waker).kin
	for n := range far(generations + 1) {
		id := ancestor(s.G.ID, &line, n)
		switch {
		case id == 0:
			return stranger
		case id == s.Waker.ID || slices.Contains(other[:], id):
			return near + n
		}
	}
	return stranger
}

// ancestor returns the n-th ancestor's id, 0 if it is not known.
func ancestor(id uint64, line *kin, n far) uint64 {
	if n == 0 {
		return id
	}
	return line[n-1]
}

// relative is a goroutine that was alive at the end.
type relative struct {
	id  uint64
	kin kin
}

// findStuck marks those of the blocked whom nobody alive can wake, as far as the trace
// knows who wakes waiters at their line: the ancestor in which they met all those that
// did has ended, and whoever descends from it has ended or is stuck as well. It is the
// greatest set with that property, so that goroutines that wait for each other are in.
func (p *pass) findStuck() {
	var hopes []*blocked
	hopeless := make(map[uint64]bool)
	for i := range p.found {
		if b := &p.found[i]; b.head(p.lines.At(b.site).far) != 0 {
			hopes = append(hopes, b)
			hopeless[b.id] = true
		}
	}
	if len(hopes) == 0 {
		return
	}
	able := make(map[uint64]bool) // who is not stuck, and whose descendants are not all
	help := func(id uint64, k *kin) {
		able[id] = true
		for _, a := range k {
			able[a] = true
		}
	}
	for i := range p.living {
		if r := &p.living[i]; !hopeless[r.id] {
			help(r.id, &r.kin)
		}
	}
	for before := -1; before != len(hopes); {
		before = len(hopes)
		hopes = slices.DeleteFunc(hopes, func(b *blocked) bool {
			if !able[b.head(p.lines.At(b.site).far)] {
				return false
			}
			help(b.id, &b.kin)
			return true
		})
	}
	for _, b := range hopes {
		b.stuck = true
	}
}

// head is the ancestor below which the goroutine's wakers must be, 0 if that is not known.
//
// A select waits for several things, one of which may be the end of the program, and a
// lock is known to many; neither is judged by kinship.
func (b *blocked) head(f far) uint64 {
	switch b.reason {
	case stream.ChanSend, stream.ChanRecv, stream.WaitGroup, stream.Cond:
	default:
		return 0
	}
	if f == nobody || f == stranger || b.before {
		return 0
	}
	return ancestor(b.id, &b.kin, f-near)
}
