package detect

import "time"

// inBubble reports whether the goroutine runs in a bubble of testing/synctest.
// Time there is made up, passes at once and stops with the bubble, so nothing of
// the agent's is set on its clock. A bubble finds out by itself when all of its
// goroutines are blocked.
//
// A bubble's clock starts in the year 2000 and has no monotonic part, so that the
// difference is one of wall clocks (package time's Since; synctest.go of the Go
// runtime). Outside the difference is monotonic, whatever becomes of the wall clock.
func inBubble() bool { return time.Since(loaded).Abs() > madeUp }

// loaded is when the program started, by the real clock.
var loaded = time.Now()

// madeUp is more than any process lives, and less than the years since 2000.
const madeUp = 10 * 365 * 24 * time.Hour
