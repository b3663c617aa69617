package leak

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// generations is how many ancestors of a goroutine are remembered. Programs whose
// goroutines create goroutines seldom go deeper between a waiter and its waker.
const generations = 4

// ancestors are those of a goroutine by runtime id, its creator first; 0 is not known.
type ancestors [generations]uint64

// distance is how closely the waiters at a line are related to the goroutines that woke
// them, the most distant of all: closest+n if the nearest common ancestor is the waiter's
// n-th, the waiter itself being the 0th.
type distance uint8

const (
	noWaker distance = iota // no goroutine was woken there
	closest
	// unrelated is a waker without such a common ancestor, or the runtime: the next waker
	// may be any goroutine.
	unrelated = closest + generations + 1
)

// create remembers the ancestors of a goroutine. It makes room for each goroutine, which
// survey relies on.
func (p *pass) create(g *replay.Goroutine) {
	own := ancestors{g.Creator}
	if by := p.tr.Goroutine(g.By); by != nil && g.Creator != 0 {
		copy(own[1:], p.past.At(by).ancestors[:])
	}
	p.past.At(g).ancestors = own
}

// relation is how closely the woken goroutine is related to its waker.
func (p *pass) relation(s *replay.Span) distance {
	if s.Waker == nil || s.Waker.System {
		return unrelated
	}
	line, other := p.past.At(s.G).ancestors, p.past.At(s.Waker).ancestors
	for n := range distance(generations + 1) {
		id := ancestor(s.G.ID, &line, n)
		switch {
		case id == 0:
			return unrelated
		case id == s.Waker.ID || slices.Contains(other[:], id):
			return closest + n
		}
	}
	return unrelated
}

// ancestor returns the n-th ancestor's id, 0 if it is not known.
func ancestor(id uint64, line *ancestors, n distance) uint64 {
	if n == 0 {
		return id
	}
	return line[n-1]
}

// survivor is a goroutine that was alive at the end.
type survivor struct {
	id        uint64
	ancestors ancestors
}

// findStuck marks the blocked goroutines that no living goroutine can wake, as far as the
// trace shows which goroutines wake waiters at their line: the ancestor that they shared
// with all of these has ended, and all its descendants have ended or are stuck as well. It
// is the greatest set with that property: goroutines that wait for each other are in it.
func (p *pass) findStuck() {
	var candidates []*blocked
	isCandidate := make(map[uint64]bool)
	for i := range p.found {
		if b := &p.found[i]; b.head(p.lines.At(b.site).distance) != 0 {
			candidates = append(candidates, b)
			isCandidate[b.id] = true
		}
	}
	if len(candidates) == 0 {
		return
	}
	able := make(map[uint64]bool) // goroutines that are not stuck, and their ancestors
	exclude := func(id uint64, k *ancestors) {
		able[id] = true
		for _, a := range k {
			able[a] = true
		}
	}
	for i := range p.living {
		if r := &p.living[i]; !isCandidate[r.id] {
			exclude(r.id, &r.ancestors)
		}
	}
	for before := -1; before != len(candidates); {
		before = len(candidates)
		candidates = slices.DeleteFunc(candidates, func(b *blocked) bool {
			if !able[b.head(p.lines.At(b.site).distance)] {
				return false
			}
			exclude(b.id, &b.ancestors)
			return true
		})
	}
	for _, b := range candidates {
		b.stuck = true
	}
}

// head is the ancestor below which the goroutine's wakers must be, 0 if that is not known.
//
// A select waits for several things, one of which may be the end of the program, and a
// lock is known to many goroutines; neither is judged by ancestry.
func (b *blocked) head(d distance) uint64 {
	switch b.reason {
	case stream.ChanSend, stream.ChanRecv, stream.WaitGroup, stream.Cond:
	default:
		return 0
	}
	if d == noWaker || d == unrelated || b.before {
		return 0
	}
	return ancestor(b.id, &b.ancestors, d-closest)
}
