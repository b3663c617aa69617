package contention

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// support is what the lines of code show about a park that happened in a hold.
type support uint8

const (
	// outside: the lines say that it happened before the Lock or after the Unlock.
	outside support = iota
	// unclear: lock and unlock hide in helpers, or no Lock of the function is known.
	unclear
	// inside: it lies between Lock and Unlock of one function, or below.
	inside
)

// lockLines are the places from which a class was waited for, as far as one
// function's lines are concerned.
type lockLines struct {
	direct map[string][]int // lines that call Lock, by function
	via    map[string][]int // lines on the way to one
}

// linesOf collects the lines of the class's waits.
func (p *pass) linesOf(waits []wait) lockLines {
	l := lockLines{direct: map[string][]int{}, via: map[string][]int{}}
	for _, w := range waits {
		below := false
		for _, id := range p.tr.FrameIDs(w.stack) {
			f := p.tr.Frame(id)
			switch {
			case below:
				l.via[f.Func] = append(l.via[f.Func], f.Line)
			case !f.Machinery:
				l.direct[f.Func] = append(l.direct[f.Func], f.Line)
				below = true
			}
		}
	}
	return l
}

// supports compares the stack of an unlock with that of a park before it. The two
// part in some function: there the park's line must lie between a Lock and the
// Unlock. A function whose Lock and Unlock both lie below it, in one callee or in
// two helpers, cannot decide for certain.
func (p *pass) supports(lines *lockLines, unlock, parked stream.StackID) support {
	u, b := p.tr.FrameIDs(unlock), p.tr.FrameIDs(parked)
	i, j := len(u)-1, len(b)-1
	for i >= 0 && j >= 0 && u[i] == b[j] {
		i, j = i-1, j-1
	}
	if i < 0 || j < 0 {
		return unclear
	}
	fu, fb := p.tr.Frame(u[i]), p.tr.Frame(b[j])
	if fu.Func != fb.Func {
		if i++; i == len(u) {
			return unclear // nothing in common, not even the goroutine's function
		}
		fu = p.tr.Frame(u[i]) // they part in two calls from one line
		fb = fu
	}
	if direct := lines.direct[fu.Func]; len(direct) > 0 {
		if lockBetween(direct, fb.Line, fu.Line) {
			return inside
		}
		return outside
	}
	if via := lines.via[fu.Func]; len(via) > 0 {
		if !lockBetween(via, fb.Line, fu.Line) {
			return outside
		}
	}
	return unclear
}

// lockBetween reports whether one of the lines that lock lies before the line that
// parked, and that before the unlock.
func lockBetween(locks []int, parked, unlock int) bool {
	return parked <= unlock && slices.ContainsFunc(locks, func(l int) bool { return l <= parked })
}
