package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// cast collects the resources of a finding; each gets its index once.
type cast struct {
	scene *scene
	index map[key]int
	list  []finding.Resource
}

// lock returns the index of a lock that is taken or asked for at a stack.
func (c *cast) lock(o tape.Object, at finding.Stack) int {
	kind := lockKind(o.Kind, at)
	op, embedded := naming.Lock, "Mutex"
	switch kind {
	case finding.RWMutex:
		embedded = "RWMutex"
	case finding.Once:
		op = naming.Do
	}
	return c.of(o, kind, c.scene.namer.Name(at.Site(), op, embedded))
}

// other returns the index of what is no lock, and used in a way at a stack.
func (c *cast) other(o tape.Object, side tape.Side, at finding.Stack) int {
	return c.of(o, kindOf(o.Kind), c.scene.namer.Name(at.Site(), opOfSide(side), ""))
}

func (c *cast) of(o tape.Object, kind finding.ResourceKind, name string) int {
	k := keyOf(o)
	if i, known := c.index[k]; known {
		if c.list[i].Name == "" {
			c.list[i].Name = name
		}
		return i
	}
	if c.index == nil {
		c.index = make(map[key]int)
	}
	i := len(c.list)
	c.index[k] = i
	c.list = append(c.list, finding.Resource{Kind: kind, Name: name, Class: c.scene.firstUse(k), Address: o.Addr})
	return i
}

// lockKind tells the mutex inside a Once from others: it is taken by Do.
func lockKind(k tape.Kind, at finding.Stack) finding.ResourceKind {
	if isDo(at) {
		return finding.Once
	}
	return kindOf(k)
}

func opOfSide(s tape.Side) naming.Op {
	switch s {
	case tape.Send:
		return naming.Send
	case tape.Recv:
		return naming.Receive
	case tape.Close:
		return naming.Close
	}
	return naming.Wait
}

func modeOf(m lockorder.Mode) finding.Mode {
	if m == lockorder.Shared {
		return finding.Shared
	}
	return finding.Exclusive
}

// waitMode is the mode in which findings show a wait.
func waitMode(w *tape.Wait) finding.Mode {
	switch {
	case isLock(w.Kind):
		return modeOf(w.Mode)
	case w.Kind == tape.Select:
		return finding.Select
	case w.Kind == tape.WaitGroup, w.Kind == tape.Cond:
		return finding.Await
	case len(w.Cases) > 0 && w.Cases[0].Side == tape.Send:
		return finding.Send
	}
	return finding.Receive
}

// goroutine shows a living goroutine, which waits.
func (c *cast) goroutine(g *tape.Goroutine) finding.Goroutine {
	w := g.Wait
	shown := finding.Goroutine{ID: g.ID, Created: creatorOf(g.Created)}
	first := c.waitsFor(w)[0]
	for _, h := range g.Held {
		shown.Holds = append(shown.Holds, finding.Hold{Resource: c.lock(h.Object, h.Stack), Mode: modeOf(h.Mode), Stack: h.Stack.Trim()})
	}
	shown.Wait = &finding.Wait{Resource: first, Mode: waitMode(w), Stack: w.Stack.Trim(), Nanos: max(0, c.scene.waited(g))}
	return shown
}

// waitsFor returns the indexes of what a wait is for, at least one.
func (c *cast) waitsFor(w *tape.Wait) (all []int) {
	for _, one := range w.Cases {
		i := 0
		switch {
		case isNil(one.Object):
			continue
		case isLock(w.Kind):
			i = c.lock(one.Object, w.Stack)
		default:
			i = c.other(one.Object, one.Side, w.Stack)
		}
		if !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	if all == nil { // a select without cases, or nil channels
		c.list = append(c.list, finding.Resource{Kind: finding.Channel})
		all = []int{len(c.list) - 1}
	}
	return all
}
