//go:build (amd64 || arm64) && !concdoctor_portable

package callers

import "runtime"

// Walk stores the stack above its caller, leaving out skip frames more, and
// returns how many it wrote: with skip 0 the first one is the caller of the
// function that calls Walk. Frames are counted as they lie on the stack: an
// inlined function has none of its own. Only for use where Fast is true.
//
//go:noescape
func Walk(pcs *Short, skip int) int

// Fast reports whether frame pointers are there: the walk is compared with
// runtime.Callers once, at the start. It does not change.
var Fast = selfTest()

//go:noinline
func selfTest() bool { return probe() }

//go:noinline
func probe() bool {
	var got Short
	n := Walk(&got, 0)
	want := make([]uintptr, n)
	if n == 0 || runtime.Callers(2, want) < n {
		return false
	}
	for i, pc := range want {
		if functionAt(pc) != functionAt(got[i]) {
			return false
		}
	}
	return true
}

func functionAt(pc uintptr) string {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return frame.Function
}
