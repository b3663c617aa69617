package detect

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
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
	// parked are those that wait for another goroutine, and for no time or I/O.
	parked map[uint64]bool
	self   uint64
}

func takeCensus() *census {
	all, complete := goroutines.Take()
	c := &census{complete: complete, living: make(map[uint64]uint64, len(all)), parked: make(map[uint64]bool), self: gid.Slow()}
	for _, g := range all {
		switch pkg := g.Created.Package(); {
		case pkg == "runtime", pkg == "os/signal": // they run no code of the program's, or hand on signals only
		case slices.ContainsFunc(g.Stack, isLook): // another look, about to begin or to end
		default:
			c.living[g.ID] = g.Parent
			c.parked[g.ID] = isParked(g.State)
		}
	}
	delete(c.living, c.self)
	return c
}

func isLook(f finding.Frame) bool { return strings.Contains(f.Func, "/detect.(*watch).look") }

// isParked reports whether the runtime's word for a goroutine's state says that it
// waits for another goroutine. One in a select may wait for a timer.
func isParked(state string) bool {
	for _, word := range [...]string{"chan ", "select (no cases)", "semacquire", "sync."} {
		if strings.HasPrefix(state, word) {
			return true
		}
	}
	return false
}

// isAwake reports whether some goroutine may go on without another one's help.
func (c *census) isAwake() bool {
	for id := range c.living {
		if !c.parked[id] {
			return true
		}
	}
	return !c.complete
}

// lives reports whether the goroutine was not found to have ended.
func (c *census) lives(id uint64) bool {
	_, living := c.living[id]
	return living || !c.complete || id == c.self
}

// knowers returns the living goroutines that may know s: those that descend from one
// that knows it, and those of whom nobody knows from whom they descend.
func (c *census) knowers(s *waitable) (kin, strangers []uint64) {
	if !c.complete || s.maker.g == nil {
		return nil, []uint64{somebody}
	}
	roots := map[uint64]bool{s.maker.id: true}
	for i := range s.sides {
		users, many := s.sides[i].alive()
		if many {
			return nil, []uint64{somebody}
		}
		for _, u := range users {
			roots[u.id] = true
		}
	}
	for id := range c.living {
		switch c.descent(id, roots) {
		case fromRoot:
			kin = append(kin, id)
		case fromNobodyKnown:
			strangers = append(strangers, id)
		}
	}
	slices.Sort(kin)
	slices.Sort(strangers)
	return kin, strangers
}

type descent uint8

const (
	fromOthers descent = iota
	fromRoot           // it is one of the roots or descends from one
	fromNobodyKnown
)

// descent follows the line of ancestors of a goroutine.
func (c *census) descent(id uint64, roots map[uint64]bool) descent {
	for range len(c.living) + 1 {
		if roots[id] {
			return fromRoot
		}
		parent, living := c.living[id]
		if !living {
			break // nobody knows whose child this was
		}
		if parent == 0 {
			return fromOthers // the main goroutine
		}
		id = parent
	}
	return fromNobodyKnown
}
