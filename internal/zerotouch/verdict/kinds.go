package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// kinds is the order between classes of locks; see lockorder.Classes. Locks are of one
// class that have one name in the source; without a name they are if one line takes
// them.
type kinds struct {
	lockorder.Classes[*tape.Dependency]
	order  *order
	byName map[className]lockorder.ClassID
	found  []lockorder.Inversion[*tape.Dependency]
}

type className struct {
	kind tape.Kind
	name string // with the package
	site finding.Frame
}

func newKinds(o *order) *kinds {
	k := &kinds{order: o, byName: make(map[className]lockorder.ClassID)}
	k.SetJudge(k.judge)
	return k
}

// of returns the class of a lock that is taken at a stack.
func (k *kinds) of(o tape.Object, at finding.Stack) lockorder.ClassID {
	name := nameOfClass(k.order.namer, o, at)
	class, known := k.byName[name]
	if !known {
		class = k.NewClass()
		k.byName[name] = class
	}
	return class
}

func nameOfClass(namer *naming.Namer, o tape.Object, at finding.Stack) className {
	embedded := map[tape.Kind]string{tape.Mutex: "Mutex", tape.RWMutex: "RWMutex"}[o.Kind]
	if name := namer.Name(at.Site(), naming.Lock, embedded); name != "" {
		return className{kind: o.Kind, name: at.Site().Package() + " " + name}
	}
	return className{kind: o.Kind, site: at.Site()}
}

// judge refuses what is too little evidence: an order keeps the two from meeting, a
// lock counts as a semaphore, or one function takes both. Such a function takes locks
// in the order that its data has. Nor does a side count that no function of the user's
// takes as a whole.
func (k *kinds) judge(i *lockorder.Inversion[*tape.Dependency]) bool {
	a, b := i.First, i.Second
	if k.order.apart(a, b) || k.usesSemaphore(a) || k.usesSemaphore(b) {
		return false
	}
	first, second := taker(a, i.HeldFirst), taker(b, i.HeldSecond)
	return first != "" && second != "" && first != second
}

func (k *kinds) usesSemaphore(d *tape.Dependency) bool {
	return k.order.isSemaphore(keyOf(d.Lock), d.Stack) ||
		slices.ContainsFunc(d.Held, func(h tape.Hold) bool { return k.order.isSemaphore(keyOf(h.Object), h.Stack) })
}

// taker returns the innermost function of the user's that takes both the held-th lock
// and the one asked for, itself or through others; "" if it is not in the stacks.
func taker(d *tape.Dependency, held int) string {
	first := d.Held[held].Stack
	for _, f := range d.Stack {
		if !f.IsMachinery() && !f.IsStandard() && slices.ContainsFunc(first, func(o finding.Frame) bool { return o.Func == f.Func }) {
			return f.Func
		}
	}
	return ""
}

// add takes a request of which the graph found nothing.
func (k *kinds) add(d *tape.Dependency) {
	if d.Try || lockKind(d.Lock.Kind, d.Stack) == finding.Once {
		return
	}
	r := lockorder.ClassRequest{
		Goroutine: d.Goroutine, Lock: k.order.id(d.Lock), Class: k.of(d.Lock, d.Stack), Mode: d.Mode,
	}
	for _, h := range d.Held {
		if lockKind(h.Kind, h.Stack) == finding.Once {
			return // each Once is one of its kind
		}
		r.Held = append(r.Held, lockorder.ClassHeld{Lock: k.order.id(h.Object), Class: k.of(h.Object, h.Stack), Mode: h.Mode})
	}
	k.found = append(k.found, k.Add(r, func() *tape.Dependency { return d })...)
}

// cover notes that a cycle of two locks was reported: their classes are known for it.
func (k *kinds) cover(c *lockorder.Cycle[*site]) {
	if len(c.Deps) != 2 {
		return
	}
	a, b := c.Deps[0], c.Deps[1]
	k.Cover(k.of(k.order.locks[a.Lock], a.Site.stack), k.of(k.order.locks[b.Lock], b.Site.stack))
}

// report looks at all requests, when the cycles between instances are known: those are
// better evidence.
func (k *kinds) report() {
	for _, d := range k.order.requests() {
		k.add(d)
	}
	for i := range k.found {
		k.order.found = append(k.order.found, k.finding(&k.found[i]))
	}
}

func (k *kinds) finding(i *lockorder.Inversion[*tape.Dependency]) past {
	c := &cast{scene: k.order.scene, namer: k.order.namer}
	// Trees of objects that call each other both ways have many of these.
	f := finding.Finding{Rule: finding.RuleLockCycle, Certainty: finding.Suspected, Severity: finding.Info}
	f.Goroutines = []finding.Goroutine{c.nesting(i.First, i.HeldFirst), c.nesting(i.Second, i.HeldSecond)}
	f.Resources = c.list
	wording.Kinds(&f)
	deps := []lockorder.Dependency[*site]{{Site: &site{dep: i.First}}, {Site: &site{dep: i.Second}}}
	return past{f, testsOf(deps)}
}

func (c *cast) nesting(d *tape.Dependency, held int) finding.Goroutine {
	h := &d.Held[held]
	return finding.Goroutine{
		ID: d.Goroutine, Created: creatorOf(d.Created),
		Holds: []finding.Hold{{Resource: c.lock(h.Object, h.Stack), Mode: modeOf(h.Mode), Stack: h.Stack.Trim()}},
		Wait:  &finding.Wait{Resource: c.lock(d.Lock, d.Stack), Mode: modeOf(d.Mode), Stack: d.Stack.Trim()},
	}
}
