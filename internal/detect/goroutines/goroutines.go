package goroutines

import (
	"bytes"
	"runtime"
	"runtime/pprof"

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

// maxProfile is where the runtime cuts a profile in the form of a dump.
const maxProfile = 64 << 20

// CanProve reports whether the runtime can find goroutines to which nothing that can run
// leads: it has the goroutineleak profile with Go 1.27, and with Go 1.26 in programs that are
// built with GOEXPERIMENT=goroutineleakprofile.
func CanProve() bool { return pprof.Lookup("goroutineleak") != nil }

// TakeProven is Take after a garbage collection that looks for such goroutines: these are
// Leaked. It returns false if that is not known.
func TakeProven() (all []dump.Goroutine, ok bool) {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		return nil, false
	}
	var text bytes.Buffer
	if err := profile.WriteTo(&text, 2); err != nil || text.Len() >= maxProfile {
		return nil, false
	}
	return dump.Parse(text.String()), true
}
