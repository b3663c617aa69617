package detect

import (
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// census is all goroutines of the process at one moment. It tells which may know of a
// channel without having used it yet; see package hang.
type census struct {
	hang.Census
	self uint64 // the goroutine that looks
}

// censusRest is how much longer than a census the pause after it lasts: the census
// stops the world, for some milliseconds with ten thousand goroutines.
const censusRest = 100

// takeCensus returns the census of this look, or nil if it is too early for one: then
// the look does not count.
func (w *watch) takeCensus() *census {
	if began := time.Now(); w.census == nil && !began.Before(w.nextCensus) {
		w.census = newCensus()
		w.nextCensus = began.Add(censusRest * time.Since(began))
	}
	if w.census == nil {
		w.doubts++
	}
	return w.census
}

func newCensus() *census {
	all, complete := goroutines.Take()
	c := &census{Census: hang.Census{Complete: complete, Living: make(map[uint64]hang.Peer, len(all))}, self: gid.Slow()}
	for _, g := range all {
		switch pkg := g.Created.Package(); {
		case pkg == "runtime", pkg == "os/signal": // they run no code of the program's, or hand on signals only
		case slices.ContainsFunc(g.Stack, isLook): // another look, about to begin or to end
		default:
			c.Living[g.ID] = hang.Peer{Parent: g.Parent, Parked: isParked(g.State)}
		}
	}
	delete(c.Living, c.self)
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
	for _, p := range c.Living {
		if !p.Parked {
			return true
		}
	}
	return !c.Complete
}

// lives reports whether the goroutine was not found to have ended.
func (c *census) lives(id uint64) bool {
	_, living := c.Living[id]
	return living || !c.Complete || id == c.self
}
