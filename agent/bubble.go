//go:build !concdoctor_off

package agent

import "time"

// inBubble reports whether the goroutine runs in a bubble of testing/synctest.
// Time there is made up, passes at once and stops with the bubble, so nothing of
// the agent's is set on its clock. A bubble finds out by itself when all of its
// goroutines are blocked.
func inBubble() bool { return time.Since(loaded) > madeUp }

// loaded is when the program started, by the real clock.
var loaded = time.Now()

// madeUp is how far ahead of the real clock that of a bubble is at least. Both are
// monotonic: a bubble's counts from 1970 and starts in the year 2000 (synctest.go
// of the Go runtime), the real one from about when the machine was started.
const madeUp = 10 * 365 * 24 * time.Hour
