package callers

import "runtime"

// Slow is Walk by runtime.Callers, for where there are no frame pointers. It
// counts inlined functions as frames.
//
//go:norace
//go:noinline
func Slow(pcs *Short) {
	const own = 4 // runtime.Callers, Slow, its caller, and the caller of that
	n := runtime.Callers(own, pcs[:])
	for ; n < len(pcs); n++ {
		pcs[n] = 0
	}
}
