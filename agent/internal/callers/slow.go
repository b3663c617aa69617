package callers

import "runtime"

// Slow is Walk by runtime.Callers, for where there are no frame pointers.
//
//go:noinline
func Slow(pcs *Short, skip int) int {
	const own = 3 // runtime.Callers, Slow, and the function that calls Slow
	n := runtime.Callers(own+skip, pcs[:])
	clear(pcs[n:])
	return n
}
