//go:build !(amd64 || arm64) || concdoctor_portable

package ticks

import "time"

var start = time.Now()

// Now returns the ticks at this moment. Their start is arbitrary, but never 0.
func Now() uint64 { return uint64(time.Since(start)) + 1 }
