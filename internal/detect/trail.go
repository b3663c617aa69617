package detect

import (
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// trail is the end of a stack that several goroutines may store, the last of whom
// wins. A reader may see parts of two.
type trail [4]atomic.Uintptr

// take stores the stack of the function that called its caller.
//
//go:noinline
func (t *trail) take() {
	var stack callers.Short
	if callers.Fast {
		callers.Walk(&stack)
	} else {
		callers.Slow(&stack)
	}
	t.store(&stack)
}

// store keeps the innermost calls outside the agent.
func (t *trail) store(stack *callers.Short) {
	for i := range t {
		t[i].Store(stack[i])
	}
}

func (t *trail) isSet() bool { return t[0].Load() != 0 }

func (t *trail) clear() { t[0].Store(0) }

// stack returns what was stored, nil if nothing was.
func (t *trail) stack() finding.Stack { return t.Frames().Trim() }

// Frames returns all that was stored.
func (t *trail) Frames() finding.Stack {
	var pcs []uintptr
	for i := range t {
		pcs = append(pcs, t[i].Load())
	}
	return callers.Expand(pcs)
}
