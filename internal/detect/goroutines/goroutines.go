package goroutines

import (
	"runtime"

	"github.com/concdoctor/concdoctor/internal/dump"
)

const (
	firstSize = 1 << 16
	// maxSize bounds a dump to some hundred thousand goroutines.
	maxSize = 1 << 28
)

// Take returns all goroutines, and false if there are too many for one dump: then
// some are missing.
func Take() (all []dump.Goroutine, complete bool) {
	for size := firstSize; ; size *= 4 {
		buf := make([]byte, size)
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return dump.Parse(string(buf[:n])), true
		}
		if size >= maxSize {
			return dump.Parse(string(buf)), false
		}
	}
}
