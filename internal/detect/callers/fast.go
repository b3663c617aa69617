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
