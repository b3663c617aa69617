package lockorder

import "slices"

// ClassID names a class of locks: instances of one field or variable, as far as the
// caller knows. 0 is no class: a lock of it takes part in no inversion, but is a gate
// where two requests hold it.
type ClassID uint32

// ClassRequest is a goroutine asking for a lock of a class under locks of classes.
type ClassRequest struct {
	Goroutine uint64
	Lock      LockID
	Class     ClassID
	Mode      Mode
	Held      []ClassHeld
}

// ClassHeld is a lock in a held set with its class.
type ClassHeld struct {
	Lock  LockID
	Class ClassID
	Mode  Mode
}

// Inversion is a pair of requests that take locks of two classes in opposite orders:
// First holds its HeldFirst-th lock, of the class that Second asks for, and the other
// way round.
type Inversion[P any] struct {
	First, Second         P
	HeldFirst, HeldSecond int
}

// Classes finds inversions between classes of locks that no cycle of instances
// shows, since it was never the same two locks that were taken in both orders. That
// is what Linux lockdep goes by; here it is weaker evidence than a Cycle. The zero
// value is empty and ready to use.
//
// An inversion needs two goroutines, modes that conflict, and held sets without a
// common class (a gate by class), where both shared is none. The same two locks in
// both orders are left to the Graph, which knows more of them, and so are two locks
// of one class. A pair of classes is returned once.
type Classes[P any] struct {
	parents []ClassID // a union-find forest over classes; index 0 is not used
	edges   map[classPair]*classEdge[P]
	told    map[classPair]bool
	judge   func(i *Inversion[P]) bool
}

// classPair is two roots: a lock of to was asked for under one of from.
type classPair struct{ from, to ClassID }

func (p classPair) back() classPair { return classPair{p.to, p.from} }

// sorted makes the pair the same in both directions.
func (p classPair) sorted() classPair { return classPair{min(p.from, p.to), max(p.from, p.to)} }

type classEdge[P any] struct{ witnesses []classWitness[P] }

// classWitness is a request with the index of the hold that makes the edge.
type classWitness[P any] struct {
	request ClassRequest
	held    int
	payload P
}

// The bounds of Classes. Requests differ in goroutine, modes and held classes; eight
// of them leave little to chance. Programs have some hundred pairs of classes.
const (
	maxClassWitnesses = 8
	maxClassEdges     = 1 << 13
)

// SetJudge gives the last word on each inversion to the caller: judge returns false
// for one that is not to be returned.
func (c *Classes[P]) SetJudge(judge func(i *Inversion[P]) bool) { c.judge = judge }

// NewClass returns a class of its own.
func (c *Classes[P]) NewClass() ClassID {
	if c.parents == nil {
		c.parents = []ClassID{0}
	}
	id := ClassID(len(c.parents))
	c.parents = append(c.parents, id)
	return id
}

// Clear forgets everything but the classes themselves.
func (c *Classes[P]) Clear() {
	for id := range c.parents {
		c.parents[id] = ClassID(id)
	}
	clear(c.edges)
	clear(c.told)
}

// Root returns the class that stands for all that were joined with id: the smallest. That of 0
// is 0.
func (c *Classes[P]) Root(id ClassID) ClassID {
	if id == 0 {
		return 0
	}
	return c.root(id)
}

func (c *Classes[P]) root(id ClassID) ClassID {
	for c.parents[id] != id {
		c.parents[id] = c.parents[c.parents[id]]
		id = c.parents[id]
	}
	return id
}

// Join says that two classes are one: the same lock is in both. It returns the
// inversions that this shows.
func (c *Classes[P]) Join(a, b ClassID) (found []Inversion[P]) {
	a, b = c.root(a), c.root(b)
	if a == b {
		return nil
	}
	a, b = min(a, b), max(a, b)
	c.parents[b] = a
	for pair := range c.told {
		if pair.from == b || pair.to == b {
			delete(c.told, pair)
			c.told[c.rooted(pair).sorted()] = true
		}
	}
	var moved []classPair
	for pair, e := range c.edges {
		if pair.from == b || pair.to == b {
			delete(c.edges, pair)
			pair = c.rooted(pair)
			c.keep(pair, e.witnesses...)
			moved = append(moved, pair)
		}
	}
	for _, pair := range moved {
		found = append(found, c.between(pair)...)
	}
	return found
}

// between looks for an inversion among the witnesses that are kept.
func (c *Classes[P]) between(pair classPair) []Inversion[P] {
	e := c.edges[pair]
	if e == nil || c.told[pair.sorted()] {
		return nil
	}
	for i := range e.witnesses {
		if inversion, ok := c.oppose(c.edges[pair.back()], &e.witnesses[i]); ok {
			c.Cover(pair.from, pair.to)
			return []Inversion[P]{inversion}
		}
	}
	return nil
}

func (c *Classes[P]) rooted(p classPair) classPair { return classPair{c.root(p.from), c.root(p.to)} }

// Cover says that an inversion of the two classes is known and not wanted again.
func (c *Classes[P]) Cover(a, b ClassID) {
	if a == 0 || b == 0 {
		return
	}
	if c.told == nil {
		c.told = make(map[classPair]bool)
	}
	c.told[c.rooted(classPair{a, b}).sorted()] = true
}

// Add adds a request and returns the inversions that it completes. payload is called
// at most once, if the request is of interest. No reference to r.Held is kept.
func (c *Classes[P]) Add(r ClassRequest, payload func() P) (found []Inversion[P]) {
	if r.Class == 0 || c.isAmbiguous(&r) {
		return nil
	}
	to := c.root(r.Class)
	var w *classWitness[P]
	for i, h := range r.Held {
		pair := classPair{c.root(h.Class), to}
		back := c.edges[pair.back()]
		if h.Class == 0 || back == nil && c.isFull(pair) || c.told[pair.sorted()] || c.isKnown(pair, &r, i) {
			continue
		}
		if w == nil {
			w = &classWitness[P]{request: r, payload: payload()}
			w.request.Held = slices.Clone(r.Held)
		}
		w.held = i
		c.keep(pair, *w)
		if inversion, ok := c.oppose(back, w); ok {
			c.Cover(pair.from, pair.to)
			found = append(found, inversion)
		}
	}
	return found
}

// isAmbiguous reports whether r asks for a lock of a class of which it holds one:
// whether it stands for the one or the other is unknown.
func (c *Classes[P]) isAmbiguous(r *ClassRequest) bool {
	to := c.root(r.Class)
	return slices.ContainsFunc(r.Held, func(h ClassHeld) bool { return c.root(h.Class) == to })
}

// isKnown reports whether a witness of the pair is like r with its i-th hold.
func (c *Classes[P]) isKnown(pair classPair, r *ClassRequest, i int) bool {
	e := c.edges[pair]
	return e != nil && slices.ContainsFunc(e.witnesses, func(w classWitness[P]) bool {
		o := &w.request
		return w.held == i && o.Goroutine == r.Goroutine && o.Lock == r.Lock && o.Mode == r.Mode && slices.Equal(o.Held, r.Held)
	})
}

func (c *Classes[P]) isFull(pair classPair) bool {
	e := c.edges[pair]
	return e == nil && len(c.edges) >= maxClassEdges || e != nil && len(e.witnesses) >= maxClassWitnesses
}

// keep adds witnesses to the edge of the pair; one from a class to itself says nothing.
func (c *Classes[P]) keep(pair classPair, witnesses ...classWitness[P]) {
	if pair.from == pair.to {
		return
	}
	e := c.edges[pair]
	if e == nil {
		if len(c.edges) >= maxClassEdges {
			return
		}
		if c.edges == nil {
			c.edges = make(map[classPair]*classEdge[P])
		}
		e = new(classEdge[P])
		c.edges[pair] = e
	}
	room := maxClassWitnesses - len(e.witnesses)
	e.witnesses = append(e.witnesses, witnesses[:min(room, len(witnesses))]...)
}

// oppose looks for a witness of the edge back that makes an inversion with w.
func (c *Classes[P]) oppose(back *classEdge[P], w *classWitness[P]) (Inversion[P], bool) {
	if back == nil {
		return Inversion[P]{}, false
	}
	for i := range back.witnesses {
		o := &back.witnesses[i]
		if !c.opposed(o, w) {
			continue
		}
		inversion := Inversion[P]{First: o.payload, Second: w.payload, HeldFirst: o.held, HeldSecond: w.held}
		if c.judge == nil || c.judge(&inversion) {
			return inversion, true
		}
	}
	return Inversion[P]{}, false
}

// opposed judges two requests whose held and asked classes are crosswise the same.
func (c *Classes[P]) opposed(a, b *classWitness[P]) bool {
	ha, hb := a.request.Held[a.held], b.request.Held[b.held]
	sameLocks := ha.Lock == b.request.Lock && hb.Lock == a.request.Lock
	if a.request.Goroutine == b.request.Goroutine || sameLocks || c.isAmbiguous(&a.request) || c.isAmbiguous(&b.request) {
		return false
	}
	if !a.request.Mode.Conflicts(hb.Mode) || !b.request.Mode.Conflicts(ha.Mode) {
		return false
	}
	for _, x := range a.request.Held {
		for _, y := range b.request.Held {
			same := x.Lock == y.Lock || x.Class != 0 && c.root(x.Class) == c.root(y.Class)
			if same && x.Mode.Conflicts(y.Mode) {
				return false
			}
		}
	}
	return true
}
