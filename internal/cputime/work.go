package cputime

import "time"

// Work is a piece of work that has begun. Its methods are safe for concurrent use. The zero
// value has begun long ago.
type Work struct {
	began time.Time
	used  time.Duration
	known bool
}

// Begin says that a piece of work begins.
func Begin() Work {
	used, known := Used()
	return Work{began: time.Now(), used: used, known: known}
}

// Cost returns what the work has cost until now: the processor time of the process since it
// began, or the time that has passed if that is less or all that is known.
func (w Work) Cost() time.Duration {
	passed := time.Since(w.began)
	if used, known := Used(); known && w.known {
		return min(passed, used-w.used)
	}
	return passed
}
