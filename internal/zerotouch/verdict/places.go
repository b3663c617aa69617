package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// places are lines of programs at which a goroutine that was held back might find that
// another one was faster, with consequences: none of it is a mistake by itself. Each is
// there once, the more telling first.
type places struct {
	list  []finding.Frame
	known map[finding.Frame]bool
}

func (p *places) add(at finding.Stack) {
	f := at.User()
	if f.Line <= 0 || f.IsStandard() || p.known[f] {
		return
	}
	if p.known == nil {
		p.known = make(map[finding.Frame]bool)
	}
	p.known[f] = true
	p.list = append(p.list, f)
}

// findPlaces adds those of a scene.
func (s *scene) findPlaces(p *places) {
	l := &looking{scene: s, places: p, by: make(map[sideOf]uint64)}
	for i := range s.Uses {
		if u := &s.Uses[i]; u.Side == tape.Close || u.Side == tape.Await {
			l.note(u)
		}
	}
	l.signals()
	l.channels()
	l.groups()
	l.semaphores()
	l.waitsUnderLocks()
	l.sections()
}

// looking looks for places.
type looking struct {
	*scene
	*places
	// by is the goroutine that closed or awaited something, several if more than one did.
	by map[sideOf]uint64
}

type sideOf struct {
	key
	side tape.Side
}

// several is the id of no goroutine.
const several = 1<<64 - 1

func (l *looking) note(u *tape.Use) {
	s := sideOf{keyOf(u.Object), u.Side}
	if only, known := l.by[s]; known && only != u.Goroutine {
		l.by[s] = several
	} else {
		l.by[s] = u.Goroutine
	}
}

// others reports whether another goroutine has closed or awaited the same object.
func (l *looking) others(u *tape.Use, side tape.Side) bool {
	only, known := l.by[sideOf{keyOf(u.Object), side}]
	return known && only != u.Goroutine
}

// signals takes the waits for a cond that is signalled without its lock: a signal that comes
// just before them is lost. It takes these signals too, of which another may be ahead.
func (l *looking) signals() {
	for i := range l.Misuses {
		m := &l.Misuses[i]
		if m.Rule != finding.RuleSignalWithoutLock {
			continue
		}
		if waits := l.waitsFor(m); len(waits) > 0 {
			l.add(waits)
			l.add(m.Stack)
		}
	}
}

// semaphorePackage has the semaphore that many programs use. What it asks a lock of its own
// for is a slot.
const semaphorePackage = "golang.org/x/sync/semaphore"

// semaphores takes where a slot of a semaphore is asked for: a lock that is held there may be
// what a goroutine with a slot needs. One that sends to a channel and receives from it itself has
// a slot in between.
func (l *looking) semaphores() {
	type user struct {
		key
		goroutine uint64
	}
	acquired := make(map[user]*tape.Use)
	for i := range l.Uses {
		u := &l.Uses[i]
		if u.Object.Kind != tape.Chan || u.Goroutine == 0 || u.Side != tape.Send && u.Side != tape.Recv {
			continue
		}
		owner := user{keyOf(u.Object), u.Goroutine}
		if first := acquired[owner]; first == nil {
			acquired[owner] = u
		} else if first.Side != u.Side {
			l.add(first.Stack)
		}
	}
	for i := range l.Dependencies {
		at := l.Dependencies[i].Stack
		if l.Dependencies[i].Lock.Kind == tape.Semaphore {
			l.add(at)
			continue
		}
		if in := slices.IndexFunc(at, func(f finding.Frame) bool { return f.Package() == semaphorePackage }); in >= 0 {
			outside := slices.IndexFunc(at[in:], func(f finding.Frame) bool { return f.Package() != semaphorePackage })
			l.add(at[in+max(outside, 0):])
		}
	}
}

// channels takes what a close could overtake: the sends of others, and their closes.
func (l *looking) channels() {
	for i := range l.Uses {
		u := &l.Uses[i]
		if u.Object.Kind == tape.Chan && (u.Side == tape.Send || u.Side == tape.Close) && l.others(u, tape.Close) {
			l.add(u.Stack)
		}
	}
}

// groups takes the Adds that a Wait could overtake.
func (l *looking) groups() {
	for i := range l.Uses {
		if u := &l.Uses[i]; u.Side == tape.Add && l.others(u, tape.Await) {
			l.add(u.Stack)
		}
	}
}

// waitsUnderLocks takes, where a goroutine has waited while it held a lock for something that
// is no lock, the other places of the package that acquire locks: the goroutine that is to end the wait
// may need that lock first.
func (l *looking) waitsUnderLocks() {
	packages, took := make(map[string]bool), make(map[finding.Frame]bool)
	for i := range l.Blockings {
		if b := &l.Blockings[i]; len(b.Under) > 0 && !isLock(b.Kind) {
			packages[b.Under.User().Package()] = true
			took[b.Under.User()] = true
		}
	}
	for i := range l.Holdings {
		if at := l.Holdings[i].Stack; packages[at.User().Package()] && !took[at.User()] {
			l.add(at)
		}
	}
}

// sections takes the second of two critical sections of one function, before which what
// was seen in the first may change, and those of functions that wait for a condition:
// what they have looked at before may change, and the signal be gone.
func (l *looking) sections() {
	first, waits := make(map[string]int), make(map[string]bool)
	for i := range l.Holdings {
		f := l.Holdings[i].Stack.User()
		if line, known := first[f.Func]; !known || f.Line < line {
			first[f.Func] = f.Line
		}
	}
	for i := range l.Uses {
		if u := &l.Uses[i]; u.Object.Kind == tape.Cond && u.Side == tape.Await {
			waits[u.Stack.User().Func] = true
		}
	}
	for i := range l.Holdings {
		if f := l.Holdings[i].Stack.User(); waits[f.Func] || f.Line > first[f.Func] {
			l.add(l.Holdings[i].Stack)
		}
	}
}
