package goroutines

import (
	"bytes"
	"cmp"
	"runtime"
	"runtime/pprof"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/internal/dump"
)

const (
	firstSize = 1 << 16
	// usualSize is what most goroutines take of a dump. One that does not fit is taken again,
	// which stops the program once more.
	usualSize = 1 << 10
	// usualPause is for how long a goroutine stops the program, until that was measured.
	usualPause = 5 * time.Microsecond
	// mostPause is the most that is believed: on a machine that is busy with other things the
	// measurement has their time in it, and there is no other until stacks are taken again.
	mostPause = 50 * time.Microsecond
	// maxSize bounds a dump to some hundred thousand goroutines.
	maxSize = 1 << 28
)

// pauseNanos is for how long a goroutine stopped the program the last time; 0 before.
var pauseNanos atomic.Int64

// Pause returns for about how long Take stops the program if it has that many goroutines.
func Pause(count int) time.Duration {
	return time.Duration(count) * cmp.Or(time.Duration(pauseNanos.Load()), usualPause)
}

// Take returns all goroutines, and false if there are too many for one dump: then
// some are missing.
func Take() (all []dump.Goroutine, complete bool) {
	count := runtime.NumGoroutine()
	for size := max(firstSize, min(count*usualSize, maxSize)); ; size *= 4 {
		buf := make([]byte, size)
		began := time.Now()
		n := runtime.Stack(buf, true)
		pauseNanos.Store(int64(min(time.Since(began)/time.Duration(count), mostPause)))
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
