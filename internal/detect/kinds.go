package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/judge/wording"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// kinds is the lock order between classes of locks; see lockorder.Classes. Locks are
// of one class that bear one name. Without a name they are if they were first used at
// one line, or taken under others at one: what one line takes is one field or variable.
// The more lines a lock was seen at, the more it has in common with others, so code
// that passes locks around makes few and large classes, and is left alone.
// It is protected by order.mu.
type kinds struct {
	lockorder.Classes[*nesting]
	byName map[kindName]lockorder.ClassID
	bySite map[kindSite]lockorder.ClassID
	// byCall has the classes by program counter, 0 for the machinery of locking. It
	// saves symbolizing.
	byCall map[kindCall]lockorder.ClassID
	held   []lockorder.ClassHeld // scratch
	names  map[uintptr][]string  // functions by program counter, likewise
}

type (
	kindName struct {
		kind finding.ResourceKind
		name string
	}
	kindSite struct {
		kind finding.ResourceKind
		site finding.Frame
	}
	kindCall struct {
		pc uintptr
		rw bool // a short word for the kind
	}
)

// nesting is a request as evidence. It keeps origins and no locks: those are
// collected as before.
type nesting struct {
	goroutine uint64
	creator   uintptr
	at        moment
	asked     grasp
	held      []grasp
}

// grasp is a lock that is held or asked for.
type grasp struct {
	origin *origin
	mode   lockorder.Mode
	stack  callers.Short
}

func newKinds() *kinds {
	k := new(kinds)
	k.byName = make(map[kindName]lockorder.ClassID)
	k.bySite = make(map[kindSite]lockorder.ClassID)
	k.byCall = make(map[kindCall]lockorder.ClassID)
	k.names = make(map[uintptr][]string)
	k.SetJudge(k.judge)
	return k
}

// judge refuses what is too little evidence: an order of the program keeps the two
// from meeting, a lock counts as a semaphore, or one function takes both. Such a
// function takes locks in the order that its data has, as a loop over a sorted list
// does, and its data may have an order that is none of classes. Nor does a side
// count that no function of the user's takes as a whole: then the first lock was left
// locked, as some code does with what it throws away.
func (k *kinds) judge(i *lockorder.Inversion[*nesting]) bool {
	a, b := i.First, i.Second
	if a.at.before(&b.at) || b.at.before(&a.at) || a.usesSemaphore() || b.usesSemaphore() {
		return false
	}
	first, second := k.taker(a, i.HeldFirst), k.taker(b, i.HeldSecond)
	return first != "" && second != "" && first != second
}

// taker returns the innermost function of the user's that takes both the held-th lock and the one
// asked for, itself or through others; "" if it is not in the stacks.
func (k *kinds) taker(n *nesting, held int) string {
	first := k.functions(&n.held[held].stack)
	for _, f := range k.functions(&n.asked.stack) {
		if slices.Contains(first, f) {
			return f
		}
	}
	return ""
}

// functions returns the user's functions of a stack, innermost first.
func (k *kinds) functions(stack *callers.Short) (all []string) {
	for _, pc := range stack {
		if pc == 0 {
			break
		}
		names, known := k.names[pc]
		if !known {
			for _, frame := range callers.Expand([]uintptr{pc}) {
				if !frame.IsMachinery() && !frame.IsStandard() {
					names = append(names, frame.Func)
				}
			}
			k.names[pc] = names
		}
		all = append(all, names...)
	}
	return all
}

func (n *nesting) usesSemaphore() bool {
	for _, t := range n.held {
		if t.origin.semaphore.Load() {
			return true
		}
	}
	return n.asked.origin.semaphore.Load()
}

// add takes a request for l and returns the inversions that it completes.
func (k *kinds) add(l *lockRecord, r *request) (found []inversion) {
	note := func(all []lockorder.Inversion[*nesting]) {
		for _, i := range all {
			found = append(found, inversion(i))
		}
	}
	if l.origin.kind == finding.Once {
		return nil // each Once is one of its kind
	}
	asked := k.see(l.origin, &r.stack, note)
	c := lockorder.ClassRequest{Goroutine: r.goroutine, Lock: l.id, Class: asked, Mode: r.mode, Held: k.held[:0]}
	for i := range r.holds {
		h := &r.holds[i]
		if h.lock.origin.kind == finding.Once {
			continue
		}
		class := k.see(h.lock.origin, &h.stack, note)
		if class == 0 || asked == 0 {
			return found
		}
		c.Held = append(c.Held, lockorder.ClassHeld{Lock: h.lock.id, Class: class, Mode: h.mode})
	}
	k.held = c.Held
	note(k.Add(c, func() *nesting { return newNesting(l, r) }))
	return found
}

func newNesting(l *lockRecord, r *request) *nesting {
	n := &nesting{goroutine: r.goroutine, creator: r.creator, at: r.at, asked: grasp{l.origin, r.mode, r.stack}}
	for i := range r.holds {
		h := &r.holds[i]
		n.held = append(n.held, grasp{h.lock.origin, h.mode, h.stack})
	}
	return n
}

// see returns the class of a lock that is taken here.
func (k *kinds) see(o *origin, here *callers.Short, note func([]lockorder.Inversion[*nesting])) lockorder.ClassID {
	class := k.of(o)
	if o.mark.Load() != nil || class == 0 {
		return class
	}
	if at := k.at(o.kind, here); at != 0 {
		note(k.Join(class, at))
	}
	return class
}

// of returns the class by name or first use, 0 if that is not known.
func (k *kinds) of(o *origin) lockorder.ClassID {
	if m := o.mark.Load(); m != nil {
		return classIn(k, k.byName, kindName{o.kind, m.name})
	}
	if o.kin == 0 {
		o.kin = k.at(o.kind, &o.first)
	}
	return o.kin
}

// at returns the class of the innermost call that is not part of a lock's methods.
func (k *kinds) at(kind finding.ResourceKind, stack *callers.Short) lockorder.ClassID {
	for _, pc := range stack {
		if pc == 0 {
			break
		}
		call := kindCall{pc, kind == finding.RWMutex}
		class, known := k.byCall[call]
		if !known {
			class = k.resolve(kind, pc)
			k.byCall[call] = class
		}
		if class != 0 {
			return class
		}
	}
	return 0
}

func (k *kinds) resolve(kind finding.ResourceKind, pc uintptr) lockorder.ClassID {
	for _, frame := range callers.Expand([]uintptr{pc}) {
		if !frame.IsMachinery() {
			return classIn(k, k.bySite, kindSite{kind, frame})
		}
	}
	return 0
}

func classIn[K comparable](k *kinds, classes map[K]lockorder.ClassID, key K) lockorder.ClassID {
	class, known := classes[key]
	if !known {
		class = k.NewClass()
		classes[key] = class
	}
	return class
}

// cover notes that a cycle of two locks was reported: their classes are known for it.
func (k *kinds) cover(c *cycle) {
	if len(c.Deps) != 2 {
		return
	}
	a, b := k.of(c.origins[c.Deps[0].Lock]), k.of(c.origins[c.Deps[1].Lock])
	if a != 0 && b != 0 {
		k.Cover(a, b)
	}
}

// inversion is a pair of nestings with the opposite order of classes.
type inversion lockorder.Inversion[*nesting]

// finding is the diagnosis.
func (i *inversion) finding() finding.Finding {
	var locks resources
	f := finding.Finding{Rule: finding.RuleLockCycle, Certainty: finding.Suspected, Severity: finding.Warning}
	f.Goroutines = []finding.Goroutine{i.First.goroutineOf(&locks, i.HeldFirst), i.Second.goroutineOf(&locks, i.HeldSecond)}
	f.Resources = locks.list
	wording.Kinds(&f)
	return f
}

func (n *nesting) goroutineOf(locks *resources, held int) finding.Goroutine {
	h := &n.held[held]
	return finding.Goroutine{
		ID: n.goroutine, Created: creatorOf(n.creator),
		Holds: []finding.Hold{{Resource: locks.of(h.origin), Mode: modeOf(h.mode), Stack: stackOf(h.stack[:])}},
		Wait:  &finding.Wait{Resource: locks.of(n.asked.origin), Mode: modeOf(n.asked.mode), Stack: stackOf(n.asked.stack[:])},
	}
}
