package verdict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/gather"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

const (
	// blockedLeast is how long a goroutine has waited at least that is listed as blocked
	// where no finding speaks of it: a program that works is full of shorter waits. That of
	// one that still runs is longer, since its goroutines are read one after the other.
	blockedLeast        = 10 * time.Millisecond
	blockedLeastRunning = DefaultSelfWait
)

// blockedCensus is the blocked goroutines of a process that ended.
type blockedCensus struct {
	*scene
	// why has the fingerprint of the finding that is about a goroutine.
	why map[uint64]string
	// wanted is how many goroutines wait for what.
	wanted map[key]int
	stacks map[*finding.Frame]string
}

// blocked lists the goroutines that were blocked when the process ended, or are while it
// runs; nil where none was, and where the process was done. In a process that runs, idle
// goroutines alone are no news.
func (s *scene) blocked(found []past) *finding.BlockedProcess {
	ended := s.endedEarly()
	if ended == "" && s.End != tape.Running || s.Full {
		return nil
	}
	c := &blockedCensus{s, make(map[uint64]string), make(map[key]int), make(map[*finding.Frame]string)}
	for i := range found {
		print := found[i].ComputeFingerprint()
		for _, g := range found[i].members {
			c.why[g.ID] = cmp.Or(c.why[g.ID], print)
		}
	}
	for i := range s.Goroutines {
		if w := s.Goroutines[i].Wait; w != nil {
			for _, one := range w.Cases {
				c.wanted[keyOf(one.Object)]++
			}
		}
	}
	p := &finding.BlockedProcess{Ended: ended, Tests: s.runningTests()}
	c.groups().Into(p)
	if p.Count == 0 && s.End != tape.TimedOut || s.End == tape.Running && p.IsIdle() {
		return nil
	}
	return p
}

// isListed reports whether a goroutine of the program waits for another one, in code of
// the program's or for long enough.
func (c *blockedCensus) isListed(g *tape.Goroutine) bool {
	switch {
	case g.Wait == nil || len(g.Wait.Stack) == 0 || isService(g) || isTesting(g):
		return false
	case c.why[g.ID] != "":
		return true
	case c.waited(g) < int64(c.least()), g.Wait.Woken:
		return false
	}
	return !g.Wait.Stack.User().IsStandard() || c.holdsWanted(g)
}

func (c *blockedCensus) least() time.Duration {
	switch c.End {
	case tape.Asleep:
		return 0
	case tape.Running:
		return blockedLeastRunning
	}
	return blockedLeast
}

func (c *blockedCensus) holdsWanted(g *tape.Goroutine) bool {
	return slices.ContainsFunc(g.Held, func(h tape.Hold) bool { return c.wanted[keyOf(h.Object)] > 0 })
}

// isIdle reports whether a goroutine waits as one does that has nothing to do: to be sent
// something, for a signal, or for a group to end; and no goroutine waits for what it holds.
func (c *blockedCensus) isIdle(g *tape.Goroutine) bool {
	w := g.Wait
	if c.hungForSure() || c.why[g.ID] != "" || isLock(w.Kind) || c.holdsWanted(g) {
		return false
	}
	real := w.MoreCases
	for _, one := range w.Cases {
		if one.Side == tape.Send {
			return false
		}
		real = real || !isNil(one.Object)
	}
	return real
}

// groups are the blocked goroutines: first those that others wait for, then those that a
// finding is about, then the rest; the idle ones come last.
func (c *blockedCensus) groups() *gather.Groups[string] {
	all := new(gather.Groups[string])
	for i := range c.Goroutines {
		if g := &c.Goroutines[i]; c.isListed(g) {
			c.join(all.Of(c.alike(g), func() (finding.BlockedGroup, gather.Place) {
				return c.newGroup(g), gather.Place{Rank: c.rank(g), First: g.ID}
			}), g)
		}
	}
	return all
}

// join adds a goroutine to its group. Where each waits for a thing of its own, only what is
// true of all stays.
func (c *blockedCensus) join(group *finding.BlockedGroup, g *tape.Goroutine) {
	gather.Join(group, 1, g.ID, c.waited(g))
	if group.Count > 1 && c.isOwn(g) {
		one := c.newGroup(g)
		group.Uses, group.Resource.Address = nil, 0
		group.Unused = group.Unused && one.Unused
	}
}

// isOwn reports whether a goroutine alone waits for what it waits for, which is no lock.
func (c *blockedCensus) isOwn(g *tape.Goroutine) bool {
	return !isLock(g.Wait.Kind) && !slices.ContainsFunc(g.Wait.Cases, func(one tape.Case) bool { return c.wanted[keyOf(one.Object)] > 1 })
}

func (c *blockedCensus) rank(g *tape.Goroutine) int {
	switch holds := c.holdsWanted(g); {
	case holds && c.why[g.ID] != "":
		return 0
	case holds:
		return 1
	case c.why[g.ID] != "":
		return 2
	case c.isIdle(g):
		return 4
	}
	return 3
}

// alike is the same for goroutines that are blocked alike: at one place, on one object or
// each on its own, created at one place, of one test, with the same holds.
func (c *blockedCensus) alike(g *tape.Goroutine) string {
	var b strings.Builder
	b.WriteString(c.stackText(g.Wait.Stack))
	b.WriteString(c.stackText(g.Created))
	fmt.Fprintf(&b, "%s %s %d", belongsTo(g), c.why[g.ID], g.Wait.Kind)
	if !c.isOwn(g) {
		for _, one := range g.Wait.Cases {
			fmt.Fprintf(&b, " %v", keyOf(one.Object))
		}
	}
	for _, h := range g.Held {
		if c.wanted[keyOf(h.Object)] > 0 {
			fmt.Fprintf(&b, " %v", keyOf(h.Object))
		}
	}
	return b.String()
}

func (c *blockedCensus) stackText(s finding.Stack) string {
	if len(s) == 0 {
		return ";"
	}
	text, known := c.stacks[&s[0]]
	if !known {
		for _, f := range s {
			text += fmt.Sprintf("%s:%d,", f.Func, f.Line)
		}
		text += ";"
		c.stacks[&s[0]] = text
	}
	return text
}
