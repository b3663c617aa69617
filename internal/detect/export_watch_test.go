//go:build !concdoctor_off

package detect

import (
	"io"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// LookThoroughly has the watch look at all waits that there are now as often as it
// needs to judge them, however short they are.
func LookThoroughly() {
	Configure(policy.Options{Output: io.Discard, SelfWait: time.Nanosecond})
	for range maxDoubts + 2 {
		std.watch.looking.Lock()
		std.watch.nextCensus, std.watch.told = time.Time{}, nil
		std.watch.lookNow(time.Nanosecond)
	}
}

// WaitStacks returns where goroutines wait now.
func WaitStacks() (stacks []finding.Stack) {
	for _, g := range std.states.all() {
		if s, ok := g.look(); ok {
			stacks = append(stacks, stackOf(s.stack[:]))
		}
	}
	return stacks
}
