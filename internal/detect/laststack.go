package detect

import (
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// lastStack is the innermost part of the stack of the last goroutine that stored it. Any
// goroutine may store and read it at any time; a reader may see parts of two stacks.
type lastStack [4]atomic.Uintptr

// capture stores the stack of the function that called its caller.
//
//go:noinline
func (l *lastStack) capture() {
	var stack callers.Short
	if callers.Fast {
		callers.Walk(&stack)
	} else {
		callers.Slow(&stack)
	}
	l.store(&stack)
}

// store stores the innermost calls of a stack. Mostly they are there already: an atomic store
// costs as much as all the rest.
func (l *lastStack) store(stack *callers.Short) {
	for i := range l {
		if l[i].Load() != stack[i] {
			l[i].Store(stack[i])
		}
	}
}

func (l *lastStack) isSet() bool { return l[0].Load() != 0 }

func (l *lastStack) clear() { l[0].Store(0) }

// stack returns what was stored, nil if nothing was.
func (l *lastStack) stack() finding.Stack { return l.Frames().Trim() }

// Frames returns all that was stored.
func (l *lastStack) Frames() finding.Stack {
	var pcs []uintptr
	for i := range l {
		pcs = append(pcs, l[i].Load())
	}
	return callers.Expand(pcs)
}
