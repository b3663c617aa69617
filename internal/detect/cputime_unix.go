//go:build unix

package detect

import (
	"syscall"
	"time"
)

// processorTime returns how long processors have worked for this process, if that is known.
func processorTime() (d time.Duration, known bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
