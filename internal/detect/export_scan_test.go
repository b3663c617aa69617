//go:build !concdoctor_off

package detect

import (
	"io"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/policy"
)

// ScanThoroughly has the watch look at all waits that there are now as often as it
// needs to judge them, however short they are.
func ScanThoroughly() {
	Configure(policy.Options{Output: io.Discard, SelfWait: time.Nanosecond})
	for range maxRescans + 2 {
		std.scanner.scanning.Lock()
		std.scanner.nextCensus, std.scanner.judged = time.Time{}, nil
		std.scanner.scanNow(time.Nanosecond)
	}
}

// WaitStacks returns where goroutines wait now.
func WaitStacks() (stacks []finding.Stack) {
	for _, g := range std.states.all() {
		if s, ok := g.readBlocked(); ok {
			stacks = append(stacks, stackOf(s.stack[:]))
		}
	}
	return stacks
}
