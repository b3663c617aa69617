package lockset

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Op is what a goroutine does at a line.
type Op uint8

// The operations. A Call is any other call, in which an inner frame is.
const (
	Call Op = iota
	Lock
	RLock
	Send
	Receive
	Select
	Wait // of a wait group or a cond
)

// Point is where a goroutine stands in one of its calls.
type Point struct {
	Frame finding.Frame
	Op    Op
	// Callee is the name of the function or method that it is in, of a Call, without its
	// package; "" for any.
	Callee string
}

// Held is a lock that is held at a point.
type Held struct {
	Object
	Mode finding.Mode
	// Line is where it was acquired.
	Line int
	// Sure says that all ways to the point hold it.
	Sure bool
}

// Facts is what the source says of a point.
type Facts struct {
	// Held are the locks that the function acquired and has not released.
	Held []Held
	// Released are the locks that it released without having acquired them: its caller had.
	Released []Object
	// Target is what the operation is on: of a Call of a method its receiver; zero for a
	// Select.
	Target Object
	// Cases are the channels of a Select, or the one of a Send or Receive.
	Cases []Case
	// Opaque says that the function calls something that may lock or unlock unseen.
	Opaque bool
}

// At returns what the source says of the point, if it is at hand and its line does what
// the point does.
func (s *Sources) At(p Point) (Facts, bool) {
	f := s.file(p.Frame.File)
	if f == nil {
		return Facts{}, false
	}
	fn, ok := s.functionAt(f, p.Frame.Func, p.Frame.Line)
	if !ok {
		return Facts{}, false
	}
	w := &walk{
		resolver: resolver{fset: s.fset, info: s.typesOf(p.Frame.File, f, fn.decl), fn: fn},
		point:    p,
	}
	w.left = w.block(fn.body.List, &state{})
	if w.met == nil {
		w.meetDeferred()
	}
	if w.met == nil {
		return Facts{}, false
	}
	return Facts{Held: w.met.held, Released: w.met.released, Target: w.target, Cases: w.cases, Opaque: w.opaque}, true
}

// state is what is known at one place of the walk.
type state struct {
	held     []Held
	released []Object
}

func (s *state) clone() *state {
	return &state{held: slices.Clone(s.held), released: slices.Clone(s.released)}
}

func (s *state) acquire(h Held) {
	i := slices.IndexFunc(s.released, h.same)
	if i >= 0 { // a lock that the caller holds, and that was released for a while
		s.released = slices.Delete(slices.Clone(s.released), i, i+1)
		return
	}
	s.held = append(slices.Clip(s.held), h)
}

// release takes away the lock; of several that were acquired through the expression, the last.
func (s *state) release(o Object) {
	at := -1
	for i := range s.held {
		if s.held[i].same(o) {
			at = i
		}
	}
	if at < 0 && o.Class != "" {
		at = s.onlyOf(o.Class)
	}
	if at >= 0 {
		s.held = slices.Delete(slices.Clone(s.held), at, at+1)
		return
	}
	if !slices.ContainsFunc(s.released, o.same) {
		s.released = append(slices.Clip(s.released), o)
	}
}

// onlyOf returns the index of the only held lock of the class, -1 if there is none or several.
func (s *state) onlyOf(class string) int {
	at := -1
	for i := range s.held {
		if s.held[i].Class != class {
			continue
		}
		if at >= 0 {
			return -1
		}
		at = i
	}
	return at
}

// join returns the state where two ways meet; nil stands for a way that does not get there.
func join(a, b *state) *state {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	out := &state{}
	for _, h := range a.held {
		h.Sure = h.Sure && slices.ContainsFunc(b.held, func(o Held) bool { return o.same(h.Object) && o.Sure })
		out.held = append(out.held, h)
	}
	for _, h := range b.held {
		if !slices.ContainsFunc(a.held, func(o Held) bool { return o.same(h.Object) }) {
			h.Sure = false
			out.held = append(out.held, h)
		}
	}
	out.released = slices.Clone(a.released)
	for _, o := range b.released {
		if !slices.ContainsFunc(out.released, o.same) {
			out.released = append(out.released, o)
		}
	}
	return out
}
