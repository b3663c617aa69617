package verdict

import (
	"maps"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockset"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// Unserved is hang.Knowledge's: it asks the source what each goroutine that may go on can do,
// from the go statement that created it on. A goroutine of which that is not known may do anything, and so
// may one that the source does not show to be in need of something it cannot get.
func (l *look) Unserved(ids []uint64) (left []uint64) {
	if census := l.Census(); !census.Complete || !census.Closed || !l.isClosed() {
		return nil
	}
	u := &unserved{look: l, needs: make(map[uint64]lockset.Needs)}
	for _, id := range ids {
		if n, known := u.needsOf(l.living[id]); known {
			u.needs[id] = n
		}
	}
	for u.drop() {
	}
	return slices.Sorted(maps.Keys(u.needs))
}

// unserved are the goroutines that none of the others is known to be able to help, and what
// they need.
type unserved struct {
	*look
	needs map[uint64]lockset.Needs
}

// needsOf returns what ends a goroutine's wait.
func (u *unserved) needsOf(g *tape.Goroutine) (n lockset.Needs, known bool) {
	w := g.Wait
	at := w.Stack.User()
	if isService(g) || isTesting(g) || g.Bubble || w.Woken || w.MoreCases || at.IsStandard() {
		return n, false
	}
	for _, c := range w.Cases {
		if c.Timer || u.isServed(g, c) {
			return n, false
		}
	}
	switch {
	case isLock(w.Kind):
		return lockset.NeedsRelease, !u.semaphores[keyOf(w.Cases[0].Object)]
	case w.Kind == tape.Cond:
		return lockset.NeedsSignal, true
	case w.Kind == tape.WaitGroup:
		return lockset.NeedsDone, true
	}
	p := lockset.Point{Frame: w.Stack.Site(), Op: lockset.Receive}
	switch {
	case w.Kind == tape.Select:
		p.Op = lockset.Select
	case len(w.Cases) > 0 && w.Cases[0].Side == tape.Send:
		p.Op = lockset.Send
	}
	return u.namer.NeedsOf(p)
}

// drop takes out the goroutines that one of the others may help, and reports whether there
// were any: they are among the others then.
func (u *unserved) drop() (dropped bool) {
	for i := range u.Goroutines {
		if len(u.needs) == 0 {
			return dropped // what the others do is not read from the source for nothing
		}
		g := &u.Goroutines[i]
		if _, in := u.needs[g.ID]; in || isService(g) || isTesting(g) {
			continue
		}
		does, known := u.namer.DoesOf(g.Created.Site())
		for id, n := range u.needs {
			if o := u.living[id]; u.mayKnow(g, o) && (!known || does.Ends(n) || u.holdsFor(g, o)) {
				delete(u.needs, id)
				dropped = true
			}
		}
	}
	return dropped
}

// mayKnow reports whether a goroutine may know what another one waits for.
func (u *unserved) mayKnow(g, waits *tape.Goroutine) bool {
	a, b := family(g.Test), family(waits.Test)
	return a == b || a == "" || b == ""
}

// holdsFor reports whether a goroutine may hold the lock that another one waits for.
func (u *unserved) holdsFor(g, waits *tape.Goroutine) bool {
	return isLock(waits.Wait.Kind) && (g.MoreHeld > 0 || slices.ContainsFunc(g.Held, func(h tape.Hold) bool { return keyOf(h.Object) == keyOf(waits.Wait.Cases[0].Object) }))
}

// testMain is the file that the go command writes for a test program, and removes.
const testMain = "_testmain.go"

// isClosed reports whether no code but that of the packages in which goroutines wait, begin and
// were created can call their functions later, as a timer does: they say nothing of timers, and
// import nothing but each other and the standard library.
func (l *look) isClosed() bool {
	packages := make(map[string]finding.Frame)
	add := func(all ...finding.Frame) {
		for _, f := range all {
			if p := f.Package(); p != "" && !f.IsStandard() && f.File != testMain {
				packages[p] = f
			}
		}
	}
	for i := range l.Goroutines {
		g := &l.Goroutines[i]
		add(g.Start)
		add(g.Created...)
		if g.Wait != nil {
			add(g.Wait.Stack...)
		}
	}
	for _, at := range packages {
		paths, known := l.namer.Imports(at)
		if !known || slices.ContainsFunc(paths, func(path string) bool {
			_, in := packages[path]
			return !in && !(finding.Frame{Func: path + ".F"}).IsStandard()
		}) {
			return false
		}
	}
	return true
}
