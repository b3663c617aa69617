package callers

import "runtime"

// MarkDepth is the number of calls that a Mark keeps.
const MarkDepth = 3

// Mark is the beginning of a stack, from which Resume makes the whole stack as long as the
// functions that are not in it have not returned. It costs a third of a Walk. The zero
// value is none.
type Mark struct {
	// PCs are the innermost calls, zero-terminated if there are fewer.
	PCs [MarkDepth]uintptr
	// above is where the frame of the function of the last call lies: the distance of its
	// saved frame pointer from the top of the stack, 0 if the stack has no more calls. The
	// distance stays the same when a stack grows and moves.
	above uint32
}

// IsSet reports whether the mark was made.
func (m *Mark) IsSet() bool { return m.PCs[0] != 0 }

// IsWhole reports whether the mark has all calls of the stack.
func (m *Mark) IsWhole() bool { return m.above == 0 }

// Clear makes m the zero value.
//
//go:norace
func (m *Mark) Clear() { m.PCs[0] = 0 }

// Begin stores the calls that the mark has.
//
//go:norace
func (m *Mark) Begin(pcs *Short) {
	*pcs = Short{m.PCs[0], m.PCs[1], m.PCs[2]}
}

// Resume stores the stack that the mark began. It must be called by the goroutine that made
// the mark. It returns false, and stores what the mark has, if the function of the mark's
// last call is not being called any more where it was.
//
// That function may have gone on to another line, but the calls above are those of then. If
// it has returned and was called once more by another function, at the same depth of the
// stack, the calls above are those of now.
//
//go:norace
//go:noinline
func (m *Mark) Resume(pcs *Short) (whole bool) {
	m.Begin(pcs)
	if m.above == 0 {
		return true
	}
	at := resume(m.above, pcs)
	if at != 0 && entry(at) == entry(m.PCs[MarkDepth-1]) {
		return true
	}
	m.Begin(pcs)
	return false
}

// entry returns the entry of the function that made the call which returns to pc.
func entry(pc uintptr) uintptr {
	if f := runtime.FuncForPC(pc - 1); f != nil {
		return f.Entry()
	}
	return 0
}
