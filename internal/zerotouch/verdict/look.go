package verdict

import (
	"cmp"
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// look is a scene as the court wants it.
type look struct {
	*scene
	// over says that tests which have ended, and a program that has, are to be left out of
	// those that could help.
	over bool
}

// look returns the goroutines by id. A goroutine of the runtime waits for nothing that
// the court judges, and package synctest itself reports what is asleep in a bubble.
func (s *scene) look(over bool, enough time.Duration) *hang.Look {
	l := &look{s, over}
	all := &hang.Look{
		Knowledge: l, Enough: enough, Asleep: s.End == tape.Asleep, Exited: s.End == tape.Exited, OneMoment: s.isOneMoment,
		AllHolds: s.Dropped == 0 && s.Unseen == 0,
	}
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		all.AllHolds = all.AllHolds && g.MoreHeld == 0
		one := l.goroutine(g)
		one.Holds = slices.DeleteFunc(one.Holds, func(h judge.Hold) bool {
			isGiven := l.isGivenToEnded(g, &h)
			if isGiven {
				all.Left = append(all.Left, hang.Left{Hold: h, By: g.ID, Created: one.Created, Given: true})
			}
			return isGiven
		})
		all.Goroutines = append(all.Goroutines, one)
	}
	for k, m := range s.lost {
		at := takenAt(m)
		all.Left = append(all.Left, hang.Left{
			Hold: judge.Hold{Lock: s.object(m.Object), Mode: m.Mode, Stack: judge.Frames(at), Unowned: s.isSemaphore(k, at)},
			By:   m.Goroutine, Created: judge.Frames(m.Created),
		})
	}
	slices.SortFunc(all.Goroutines, func(a, b hang.Goroutine) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (l *look) goroutine(g *tape.Goroutine) hang.Goroutine {
	shown := hang.Goroutine{ID: g.ID, Parent: g.Parent, Created: judge.Frames(g.Created), Group: family(g.Test)}
	for _, h := range g.Held {
		shown.Holds = append(shown.Holds, judge.Hold{
			Lock: l.object(h.Object), Mode: h.Mode, Stack: judge.Frames(h.Stack), Unowned: l.isSemaphore(keyOf(h.Object), h.Stack),
			Heirs: l.heirs(g, &h),
		})
	}
	if g.Leaked {
		shown.Proof = hang.Unreachable
	}
	shown.Reached, shown.OnlyGlobals = l.IsReached(g), g.OnlyGlobals
	t := l.tests[g.Test]
	shown.Awaited = !isTesting(g) && (g.ID == mainID || t != nil && t.End == 0 && t.Goroutine == g.ID)
	if g.Wait != nil && !isService(g) && (!g.Bubble || isLock(g.Wait.Kind) || l.End == tape.Asleep) {
		shown.Wait = l.wait(g)
		shown.Suspect = shown.Wait.Lasted
		// The look at the source is for the program's own goroutine alone.
		shown.Wait.Alone = g.ID == mainID && g.Leaked && g.Test == "" && l.namer.WaitsAlone(g.Wait.Stack.User())
	}
	return shown
}

// isGivenToEnded reports whether a goroutine has given a lock, as others were that are taken
// there, to goroutines which have ended: it has started some, and waits elsewhere.
func (l *look) isGivenToEnded(g *tape.Goroutine, h *judge.Hold) bool {
	if !h.Unowned || len(h.Heirs) > 0 || g.Wait == nil {
		return false
	}
	taken := judge.Expand(h.Stack)
	started := slices.ContainsFunc(g.Held, func(o tape.Hold) bool {
		return o.Shared && judge.Object(l.object(o.Object)) == h.Lock && o.Mode == h.Mode
	})
	return started && !slices.ContainsFunc(g.Wait.Stack, func(f finding.Frame) bool { return f.Func == taken.User().Func })
}

// heirs are the goroutines that g has started while it had the hold.
func (l *look) heirs(g *tape.Goroutine, h *tape.Hold) (ids []uint64) {
	if !h.Shared {
		return nil
	}
	for _, child := range l.children[g.ID] {
		if child.Under {
			ids = append(ids, child.ID)
		}
	}
	return ids
}

func (l *look) wait(g *tape.Goroutine) *hang.Wait {
	w := g.Wait
	shown := &hang.Wait{
		Mode: waitMode(w), MoreCases: w.MoreCases, Stack: judge.Frames(w.Stack), Lasted: time.Duration(l.waited(g)), Woken: w.Woken,
		Join: w.Kind == tape.WaitGroup,
	}
	inTesting := isTesting(g) && !l.over && l.End != tape.Asleep
	if inTesting {
		shown.All = l.testsBelow(g)
	}
	for _, c := range w.Cases {
		one := hang.Case{Object: l.object(c.Object), Mode: modeOfSide(c.Side)}
		if one.Object == nil {
			one.Nil = &object{l.scene, c.Object}
		}
		if isLock(w.Kind) {
			one.Mode = shown.Mode
			shown.Unowned = l.semaphores[keyOf(c.Object)]
		} else {
			one.External = c.Timer || l.isServed(g, c) || inTesting && shown.All == nil
			l.moreUses[keyOf(c.Object)] = l.moreUses[keyOf(c.Object)] || c.MoreUses
		}
		shown.Cases = append(shown.Cases, one)
	}
	return shown
}

// testsBelow are the tests that a goroutine of package testing waits for.
func (l *look) testsBelow(g *tape.Goroutine) (ids []uint64) {
	for _, child := range l.children[g.ID] {
		if child.Created.Site().Package() == "testing" {
			ids = append(ids, child.ID)
		}
	}
	return ids
}

// waitMode is the mode in which findings show a wait.
func waitMode(w *tape.Wait) finding.Mode {
	switch {
	case isLock(w.Kind):
		return judge.ModeOf(w.Mode)
	case w.Kind == tape.Select:
		return finding.Select
	case w.Kind == tape.WaitGroup, w.Kind == tape.Cond:
		return finding.Await
	case len(w.Cases) > 0 && w.Cases[0].Side == tape.Send:
		return finding.Send
	}
	return finding.Receive
}

func modeOfSide(s tape.Side) finding.Mode {
	switch s {
	case tape.Send:
		return finding.Send
	case tape.Await:
		return finding.Await
	}
	return finding.Receive
}

// Users is hang.Knowledge's.
func (l *look) Users(c hang.Case) hang.Users {
	k := keyOf(c.Object.(*object).Object)
	e := l.endingsOf(k, c.Mode)
	u := hang.Users{Timers: e.timers, Ever: len(e.by) > 0 || e.timers, More: l.moreUses[k]}
	for _, id := range e.by {
		if o := l.living[id]; o != nil && !l.isOver(o) {
			u.Living = append(u.Living, id)
		}
	}
	if u.Ever {
		u.Alike = hang.AlikeFamily
	}
	u.Kin, u.Queue = l.kin(k, c.Mode), l.queue(k)
	return u
}

// kin are the living goroutines that run a function in which others have ended such waits.
func (l *look) kin(k key, m finding.Mode) (ids []uint64) {
	starts := make(map[string]bool)
	for _, use := range l.uses[k] {
		if own := judge.Own(use.Stack); ends(use.Side, m) && use.Goroutine != 0 && len(own) > 0 {
			starts[own[len(own)-1].Func] = true
		}
	}
	for i := range l.Goroutines {
		if g := &l.Goroutines[i]; len(starts) > 0 && starts[g.Start.Func] && !isService(g) && !l.isOver(g) {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// queue are the goroutines that wait for a lock of one that waits for the object, at the line
// where that one took it, in the function where it waits: they would come to wait there too,
// unless the source shows that the function does the other side as well.
func (l *look) queue(k key) (ids []uint64) {
	for i := range l.Goroutines {
		g := &l.Goroutines[i]
		if g.Wait == nil || isLock(g.Wait.Kind) || !slices.ContainsFunc(g.Wait.Cases, func(c tape.Case) bool { return keyOf(c.Object) == k }) {
			continue
		}
		for _, h := range g.Held {
			if taken := h.Stack.Site(); taken.Func == g.Wait.Stack.Site().Func && !l.namer.DoesBoth(g.Wait.Stack.Site()) {
				ids = append(ids, l.waitersAt(keyOf(h.Object), taken)...)
			}
		}
	}
	return ids
}

// waitersAt are the goroutines that wait for the lock at the line.
func (l *look) waitersAt(lock key, at finding.Frame) (ids []uint64) {
	for i := range l.Goroutines {
		if w := l.Goroutines[i].Wait; w != nil && isLock(w.Kind) && keyOf(w.Cases[0].Object) == lock && w.Stack.Site() == at {
			ids = append(ids, l.Goroutines[i].ID)
		}
	}
	return ids
}

// Origins is hang.Knowledge's: a tape does not show what made a channel.
func (l *look) Origins(judge.Object) (ids []uint64, known bool) { return nil, false }

// Services is hang.Knowledge's: the goroutines that begin with one of the functions which the
// source shows.
func (l *look) Services(g *hang.Goroutine, c hang.Case) (ids []uint64, known bool) {
	waits := l.living[g.ID].Wait
	if len(waits.Cases) != 1 || waits.Kind != tape.Chan || c.External {
		return nil, false
	}
	isService, known := l.namer.ServicesOf(waits.Stack.Site(), c.Mode)
	if !known {
		return nil, false
	}
	for i := range l.Goroutines {
		if o := &l.Goroutines[i]; isService(o.Start, o.Created.Site()) {
			ids = append(ids, o.ID)
		}
	}
	return ids, l.Unseen == 0
}

// Census is hang.Knowledge's.
func (l *look) Census() *hang.Census {
	c := &hang.Census{
		Living: make(map[uint64]hang.Peer), Complete: l.Unseen == 0, Closed: l.Unseen == 0, Strict: l.over,
	}
	for i := range l.Goroutines {
		g := &l.Goroutines[i]
		if g.Created.Site().Package() == "os/signal" || g.Start.Package() == "os/signal" {
			c.Closed = false // a signal may wake what waits for one
		}
		if !isService(g) && !l.isOver(g) {
			c.Living[g.ID] = hang.Peer{Parent: g.Parent, Group: family(g.Test)}
		}
	}
	return c
}

// isOver reports whether nothing more is to be expected of a goroutine: it is a test that
// has ended, or the main goroutine of a program that has.
func (l *look) isOver(g *tape.Goroutine) bool {
	if !l.over {
		return false
	}
	t := l.tests[g.Test]
	return g.ID == mainID && l.End == tape.Exited || isTesting(g) || t != nil && t.End != 0 && t.Goroutine == g.ID
}

// takenAt is where a lock was acquired that its holder left behind.
func takenAt(m *tape.Misuse) finding.Stack {
	if len(m.Other) == 0 {
		return m.Stack
	}
	return m.Other
}

// mainID is the runtime's id of the goroutine that runs main.main.
const mainID = 1
