//go:build !unix

package cputime

import "time"

// Used is not known here.
func Used() (d time.Duration, known bool) { return 0, false }
