package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/zerotouch/tape"
)

// places returns the lines of the program at which a goroutine that was held back might
// find that another one was faster, with consequences: none of it is a mistake by
// itself. The more telling come first.
func (s *scene) places() []finding.Frame {
	p := &places{scene: s, known: make(map[finding.Frame]bool)}
	p.channels()
	p.groups()
	p.waitsUnderLocks()
	p.sections()
	return p.list
}

// places collects lines, each once.
type places struct {
	*scene
	list  []finding.Frame
	known map[finding.Frame]bool
}

func (p *places) add(at finding.Stack) {
	if f := at.User(); f.Line > 0 && !f.IsStandard() && !p.known[f] {
		p.known[f] = true
		p.list = append(p.list, f)
	}
}

// channels takes what a close could overtake: the sends of others, and their closes.
func (p *places) channels() {
	for i := range p.Uses {
		u := &p.Uses[i]
		if u.Object.Kind == tape.Chan && (u.Side == tape.Send || u.Side == tape.Close) && p.others(u, tape.Close) {
			p.add(u.Stack)
		}
	}
}

// groups takes the Adds that a Wait could overtake.
func (p *places) groups() {
	for i := range p.Uses {
		if u := &p.Uses[i]; u.Side == tape.Add && p.others(u, tape.Await) {
			p.add(u.Stack)
		}
	}
}

// others reports whether another goroutine has used the side of the same object.
func (p *places) others(u *tape.Use, side tape.Side) bool {
	return slices.ContainsFunc(p.uses[keyOf(u.Object)], func(o *tape.Use) bool { return o.Side == side && o.Goroutine != u.Goroutine })
}

// waitsUnderLocks takes, where somebody has waited with a lock in hand for something that
// is no lock, the other places of the package that take locks: whoever is to end the wait
// may need that lock first.
func (p *places) waitsUnderLocks() {
	packages, took := make(map[string]bool), make(map[finding.Frame]bool)
	for i := range p.Blockings {
		if b := &p.Blockings[i]; len(b.Under) > 0 && !isLock(b.Kind) {
			packages[b.Under.User().Package()] = true
			took[b.Under.User()] = true
		}
	}
	for i := range p.Holdings {
		if at := p.Holdings[i].Stack; packages[at.User().Package()] && !took[at.User()] {
			p.add(at)
		}
	}
}

// sections takes the second of two critical sections of one function, before which what
// was seen in the first may change, and those of functions that wait for a condition:
// what they have looked at before may change, and the signal be gone.
func (p *places) sections() {
	first, waits := make(map[string]int), make(map[string]bool)
	for i := range p.Holdings {
		f := p.Holdings[i].Stack.User()
		if line, known := first[f.Func]; !known || f.Line < line {
			first[f.Func] = f.Line
		}
	}
	for i := range p.Uses {
		if u := &p.Uses[i]; u.Object.Kind == tape.Cond && u.Side == tape.Await {
			waits[u.Stack.User().Func] = true
		}
	}
	for i := range p.Holdings {
		if f := p.Holdings[i].Stack.User(); waits[f.Func] || f.Line > first[f.Func] {
			p.add(p.Holdings[i].Stack)
		}
	}
}
