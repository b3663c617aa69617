package main

import (
	"os"
	"syscall"
)

// first says whether packages are initialized by the process's first thread.
var first = syscall.Getpid() == syscall.Gettid()

// thread exits with 0 if they are.
func thread() {
	if !first {
		os.Exit(1)
	}
}
