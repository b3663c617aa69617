package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// maxShownUses bounds the holders and the uses of what a group waits for.
const maxShownUses = 5

// newGroup returns what is known about a goroutine, for all that are blocked alike.
func (c *blockedCensus) newGroup(g *tape.Goroutine) finding.BlockedGroup {
	w := g.Wait
	group := finding.BlockedGroup{
		State: stateOf(g), Test: belongsTo(g), Mode: waitMode(w), Stack: judge.Own(w.Stack),
		Finding: c.why[g.ID], Idle: c.isIdle(g),
	}
	group.Created = judge.Created(g.Created) // of tests nothing: they are named
	group.Resource = finding.Resource{Kind: finding.Channel}
	for _, one := range w.Cases {
		if o := c.object(one.Object); o != nil {
			mode := modeOfSide(one.Side)
			if isLock(w.Kind) {
				mode = group.Mode
			}
			group.Resource = o.Resource(mode, w.Stack)
			break
		}
	}
	if len(w.Cases) > 1 {
		group.Resource.Name, group.Resource.Class, group.Resource.Address = "", finding.Frame{}, 0
	}
	for _, h := range g.Held {
		if c.wanted[keyOf(h.Object)] > 0 {
			mode := judge.ModeOf(h.Mode)
			group.Holds = append(group.Holds, finding.BlockedHold{
				Resource: c.object(h.Object).Resource(mode, h.Stack), Mode: mode, Stack: h.Stack.Trim(),
			})
		}
	}
	if isLock(w.Kind) {
		c.addHolders(&group, g)
	} else {
		c.addUses(&group, g)
	}
	return group
}

// stateOf is what a goroutine does, in the words of the runtime where it has some.
func stateOf(g *tape.Goroutine) string {
	w := g.Wait
	switch w.Kind {
	case tape.Mutex:
		return "sync.Mutex.Lock"
	case tape.RWMutex:
		if w.Mode == lockorder.Shared {
			return "sync.RWMutex.RLock"
		}
		return "sync.RWMutex.Lock"
	case tape.WaitGroup:
		return "sync.WaitGroup.Wait"
	case tape.Cond:
		return "sync.Cond.Wait"
	case tape.Select:
		if len(w.Cases) == 0 && !w.MoreCases {
			return "select (no cases)"
		}
		return "select"
	}
	verb := "chan receive"
	if waitMode(w) == finding.Send {
		verb = "chan send"
	}
	if len(w.Cases) == 0 || isNil(w.Cases[0].Object) {
		verb += " (nil chan)"
	}
	return verb
}

// stateNow is stateOf with how long it lasts.
func (c *blockedCensus) stateNow(g *tape.Goroutine) string {
	if g.Wait == nil {
		return finding.StateAwake
	}
	return stateOf(g) + ", " + finding.FormatDuration(c.waited(g))
}

// addHolders lists the goroutines that hold the lock that one waits for. One that left it
// locked has ended; a reader that no holder keeps out waits behind a writer.
func (c *blockedCensus) addHolders(group *finding.BlockedGroup, g *tape.Goroutine) {
	lock := keyOf(g.Wait.Cases[0].Object)
	var writer *tape.Goroutine
	for i := range c.Goroutines {
		o := &c.Goroutines[i]
		if w := o.Wait; w != nil && o.ID != g.ID && isLock(w.Kind) && w.Mode == lockorder.Exclusive && keyOf(w.Cases[0].Object) == lock {
			if writer == nil || w.Since < writer.Wait.Since {
				writer = o
			}
		}
		for _, h := range o.Held {
			if keyOf(h.Object) == lock {
				c.addHolder(group, o, h)
				break
			}
		}
	}
	if m := c.lost[lock]; m != nil && len(group.Holders) == 0 {
		group.Holders = append(group.Holders, finding.Holder{ID: m.Goroutine, Mode: judge.ModeOf(m.Mode), Held: takenAt(m).Trim(), State: finding.StateEnded})
	}
	isReader := g.Wait.Mode == lockorder.Shared
	excluded := slices.ContainsFunc(group.Holders, func(h finding.Holder) bool { return h.Mode == finding.Exclusive })
	if isReader && !excluded && writer != nil && writer.Wait.Since <= g.Wait.Since {
		group.Uses = append(group.Uses, finding.Use{
			ID: writer.ID, Verb: "waits to lock it, which keeps new readers out,", Stack: writer.Wait.Stack.Trim(),
		})
	}
}

func (c *blockedCensus) addHolder(group *finding.BlockedGroup, o *tape.Goroutine, h tape.Hold) {
	if n := len(group.Holders); n == maxShownUses {
		group.Holders[n-1].More++
		return
	}
	holder := finding.Holder{ID: o.ID, Mode: judge.ModeOf(h.Mode), Held: h.Stack.Trim(), State: c.stateNow(o)}
	if o.Wait != nil {
		holder.Stack = judge.Own(o.Wait.Stack)
	}
	group.Holders = append(group.Holders, holder)
}

// addUses lists the goroutines that have ended such waits, as far as the tape has them: for
// each the first time. The latest come first.
func (c *blockedCensus) addUses(group *finding.BlockedGroup, g *tape.Goroutine) {
	if len(g.Wait.Cases) != 1 || isNil(g.Wait.Cases[0].Object) {
		return
	}
	one := g.Wait.Cases[0]
	mode := modeOfSide(one.Side)
	all := c.uses[keyOf(one.Object)]
	for i := len(all) - 1; i >= 0; i-- {
		if u := all[i]; ends(u.Side, mode) && u.Goroutine != g.ID {
			if len(group.Uses) == maxShownUses {
				return
			}
			group.Uses = append(group.Uses, c.use(u))
		}
	}
	if len(group.Uses) == 0 && !one.Timer && !one.MoreUses && c.Unseen == 0 && c.Dropped == 0 {
		group.Unused = true
	}
}

func (c *blockedCensus) use(u *tape.Use) finding.Use {
	use := finding.Use{ID: u.Goroutine, Verb: verbOf(u.Side), Stack: u.Stack.Trim()}
	if u.Goroutine == 0 {
		return use
	}
	o := c.living[u.Goroutine]
	if o == nil {
		use.State = finding.StateEnded
		return use
	}
	use.State = c.stateNow(o)
	if o.Wait != nil {
		use.Now = judge.Own(o.Wait.Stack)
	}
	return use
}

func verbOf(s tape.Side) string {
	switch s {
	case tape.Send:
		return "sent on it"
	case tape.Recv:
		return "received from it"
	case tape.Close:
		return "closed it"
	case tape.Done:
		return "called Done"
	case tape.Signal:
		return "signalled it"
	}
	return "used it"
}
