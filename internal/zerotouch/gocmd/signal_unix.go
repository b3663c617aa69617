//go:build unix

package gocmd

import (
	"os"
	"syscall"
)

// forwarded are the signals that ask a program to end or to show where it is.
var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP}

// exitStatus is the status as a shell reports it.
func exitStatus(state *os.ProcessState) int {
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return state.ExitCode()
}
