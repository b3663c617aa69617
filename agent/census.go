//go:build !concdoctor_off

package agent

import (
	"github.com/concdoctor/concdoctor/agent/internal/dump"
	"github.com/concdoctor/concdoctor/agent/internal/gid"
)

// census is all goroutines of the process at one moment and who created whom. It
// tells who may know of a channel without having used it yet: who made it, and
// whoever descends from one that knows it. A goroutine whose line of ancestors is
// broken may be anybody's child and counts as one of those.
//
// It is an approximation: a channel may also be handed on through shared memory.
// What rests on it is never certain.
type census struct {
	complete bool
	living   map[uint64]uint64 // goroutine to its parent
	self     uint64
}

func takeCensus() *census {
	all, complete := dump.Take()
	c := &census{complete: complete, living: make(map[uint64]uint64, len(all)), self: gid.Slow()}
	for _, g := range all {
		switch g.Created.Package() {
		case "runtime", "os/signal": // they run no code of the program's, or hand on signals only
		default:
			c.living[g.ID] = g.Parent
		}
	}
	delete(c.living, c.self)
	return c
}

// knowers returns the living goroutines that may know s.
func (c *census) knowers(s *subject) (ids []uint64) {
	if !c.complete || s.maker.g == nil {
		return []uint64{somebody}
	}
	roots := map[uint64]bool{s.maker.id: true}
	for i := range s.sides {
		users, many := s.sides[i].alive()
		if many {
			return []uint64{somebody}
		}
		for _, u := range users {
			roots[u.id] = true
		}
	}
	for id := range c.living {
		if c.descends(id, roots) {
			ids = append(ids, id)
		}
	}
	return ids
}

// descends reports whether the goroutine is one of roots or may descend from one.
func (c *census) descends(id uint64, roots map[uint64]bool) bool {
	for range len(c.living) + 1 {
		if roots[id] {
			return true
		}
		parent, living := c.living[id]
		if !living {
			return true // nobody knows whose child this was
		}
		if parent == 0 {
			return false // the main goroutine
		}
		id = parent
	}
	return true
}
