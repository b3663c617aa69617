//go:build !unix

package gocmd

import "os"

// forwarded are the signals that this process must not end by: the console sends them
// to the go command as well.
var forwarded = []os.Signal{os.Interrupt}

func exitStatus(state *os.ProcessState) int { return state.ExitCode() }
