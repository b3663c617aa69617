package callers

import (
	"runtime"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// ShortDepth is the depth of the stacks that are taken on every acquire.
const ShortDepth = 8

// LongDepth is the depth of the stacks that are taken for evidence.
const LongDepth = 32

// Short is a stack of at most ShortDepth calls, innermost first, zero-terminated
// if shorter. The zero value is an unknown stack.
type Short [ShortDepth]uintptr

// Long returns the stack of its caller's caller, innermost first.
func Long() []uintptr {
	var pcs [LongDepth]uintptr
	return append([]uintptr(nil), pcs[:runtime.Callers(3, pcs[:])]...)
}

// Take is Walk where there are frame pointers, else Slow: it stores the stack of
// the function that called its caller. It is for where a call more does not matter.
//
//go:norace
//go:noinline
func Take(pcs *Short) {
	if Fast {
		Walk(pcs)
	} else {
		Slow(pcs)
	}
}

// Expand turns program counters into frames. It drops the frames that the
// compiler made up and the start of every goroutine.
func Expand(pcs []uintptr) finding.Stack {
	for i, pc := range pcs {
		if pc == 0 {
			pcs = pcs[:i]
			break
		}
	}
	if len(pcs) == 0 {
		return nil
	}
	var stack finding.Stack
	frames := runtime.CallersFrames(pcs)
	for {
		frame, more := frames.Next()
		f := finding.Frame{Func: frame.Function, File: frame.File, Line: frame.Line}
		if f.Func != "" && !f.IsWrapper() && f.Func != "runtime.goexit" && f.Func != "runtime.main" {
			stack = append(stack, f)
		}
		if !more {
			return stack
		}
	}
}

// PCs returns a copy of the program counters without the terminating zero.
func (s *Short) PCs() []uintptr {
	n := 0
	for n < len(s) && s[n] != 0 {
		n++
	}
	return append([]uintptr(nil), s[:n]...)
}
