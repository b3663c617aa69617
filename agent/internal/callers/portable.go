//go:build !(amd64 || arm64) || concdoctor_portable

package callers

// Fast is false: this build walks no frame pointers.
const Fast = false

// Walk is [Slow] in this build.
//
//go:noinline
func Walk(pcs *Short, skip int) int { return Slow(pcs, skip+1) }
