package detect

import (
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/cputime"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// census is all goroutines of the process at one moment. It shows which of them may know a
// channel without having used it yet; see package hang.
type census struct {
	hang.Census
	self uint64                     // the goroutine that scans
	byID map[uint64]*dump.Goroutine // those of Living
	// signals says that the program is notified of signals: one may wake it, and the runtime
	// does not find it asleep.
	signals bool
	// proven says that the collector has found which of them no other one can wake.
	proven bool
}

// censusRest is how much longer than what a census costs the pause after it lasts: the census
// stops the world, for some milliseconds with ten thousand goroutines.
const censusRest = 100

// takeCensus returns the census of this scan, or nil if it is too early for one: then the
// scan does not count.
func (sc *scanner) takeCensus() *census {
	if began := time.Now(); sc.census == nil && !began.Before(sc.nextCensus) {
		look := cputime.Begin()
		sc.census = newCensus(goroutines.Take())
		sc.nextCensus = began.Add(censusRest * look.Cost())
	}
	if sc.census == nil {
		sc.rescans++
		sc.isDelayed = true
	}
	return sc.census
}

func newCensus(all []dump.Goroutine, complete bool) *census {
	c := &census{
		Census: hang.Census{Complete: complete, Living: make(map[uint64]hang.Peer, len(all))},
		self:   gid.Slow(), byID: make(map[uint64]*dump.Goroutine, len(all)),
	}
	for i := range all {
		g := &all[i]
		switch pkg := g.Created.Package(); {
		case pkg == "runtime": // they run no code of the program
		case pkg == "os/signal": // they pass on signals only
			c.signals = true
		case slices.ContainsFunc(g.Stack, isScan): // another scan, about to start or to end
		default:
			c.Living[g.ID] = hang.Peer{Parent: g.Parent, Parked: isParked(g.State) || isIdle(g)}
			c.byID[g.ID] = g
		}
	}
	delete(c.Living, c.self)
	delete(c.byID, c.self)
	return c
}

func isScan(f finding.Frame) bool { return strings.Contains(f.Func, "/detect.(*scanner).scan") }

// isParked reports whether the runtime's word for the state of a goroutine means that it
// waits for another goroutine. A goroutine in a select may wait for a timer.
func isParked(state string) bool {
	for _, word := range [...]string{"chan ", "select (no cases)", "semacquire", "sync."} {
		if strings.HasPrefix(state, word) {
			return true
		}
	}
	return false
}

// isIdle reports whether the goroutine waits for the network and runs no code of the program
// meanwhile: it accepts connections, or waits for the next request.
func isIdle(g *dump.Goroutine) bool {
	return g.State == "IO wait" && !slices.ContainsFunc(g.Stack, func(f finding.Frame) bool { return !f.IsStandard() })
}

// isAwake reports whether some goroutine may continue without another one.
func (c *census) isAwake() bool {
	for _, g := range c.byID {
		if !isParked(g.State) {
			return true
		}
	}
	return !c.Complete || c.signals
}

// isBusy reports whether some goroutine runs, or could.
func (c *census) isBusy() bool {
	for _, g := range c.byID {
		if isActive(g.State) {
			return true
		}
	}
	return !c.Complete
}

// isActive reports whether the runtime's word for the state of a goroutine means that it
// computes.
func isActive(state string) bool { return state == "running" || state == "runnable" }

// isLost reports whether the collector has found that no other goroutine can wake the one
// with the id.
func (c *census) isLost(id uint64) bool {
	g := c.byID[id]
	return c.proven && g != nil && g.Leaked
}

// lives reports whether the goroutine is not known to have ended.
func (c *census) lives(id uint64) bool {
	_, living := c.Living[id]
	return living || !c.Complete || id == c.self
}
