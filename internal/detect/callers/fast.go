//go:build (amd64 || arm64) && !concdoctor_portable

package callers

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Walk stores the stack of the function that called its caller: the first frame
// is the caller's caller's, so a lock method that calls a helper which walks sees
// itself left out. Frames are counted as they lie on the stack: an inlined
// function has none of its own. Only for use where Fast is true.
//
//go:noescape
func Walk(pcs *Short)

// MarkHere makes the mark of the stack of its caller's caller: a lock method that calls it sees
// itself left out.
//
//go:noescape
func MarkHere(m *Mark)

// MarkCaller is MarkHere for what a lock method calls: it also leaves out the method.
//
//go:noescape
func MarkCaller(m *Mark)

// resume looks for the frame whose distance from the top of the stack is above. It returns
// the program counter in the frame's function, 0 if there is no such frame, and stores the
// calls that lead to that function behind the first MarkDepth ones of pcs.
//
//go:noescape
func resume(above uint32, pcs *Short) uintptr

// Fast reports whether frame pointers are there: the walk is compared with
// runtime.Callers once, at the start. It does not change.
var Fast = selfTest()

//go:noinline
func selfTest() bool { return outer() }

//go:noinline
func outer() bool { return probe() }

// probe compares function by function: runtime.Callers counts inlined calls as
// frames, the walk does not.
//
//go:noinline
func probe() bool {
	var walked, called Short
	Walk(&walked)
	Slow(&called)
	got, want := Expand(walked[:]), Expand(called[:])
	n := min(len(got), len(want))
	return n > 0 && slices.EqualFunc(got[:n], want[:n], func(a, b finding.Frame) bool { return a.Func == b.Func })
}
