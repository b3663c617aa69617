//go:build unix

package cputime

import (
	"syscall"
	"time"
)

// Used returns how long processors have worked for this process, if that is known.
func Used() (d time.Duration, known bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
