//go:build !race && !concdoctor_off

package agent_test

import (
	"strings"
	"testing"
)

// The runtime's own verdict on a program in which nothing can run comes after
// ours, as it would without us. (With the race detector, as with cgo, the runtime
// makes no such check.)
func TestProcessAllAsleepStillFires(t *testing.T) {
	status, stderr := child(t, "all asleep", "self_wait=10ms")
	if status != 2 || !strings.Contains(stderr, "all goroutines are asleep - deadlock!") {
		t.Errorf("status %d:\n%s", status, stderr)
	}
	if !strings.Contains(stderr, "self-deadlock (potential)") {
		t.Errorf("self-deadlock not reported:\n%s", stderr)
	}
}

func TestProcessAllAsleepInChannels(t *testing.T) {
	status, stderr := child(t, "all asleep in channels", "self_wait=10ms")
	if status != 2 || !strings.Contains(stderr, "all goroutines are asleep - deadlock!") {
		t.Errorf("status %d:\n%s", status, stderr)
	}
	if !strings.Contains(stderr, "concdoctor: ") || !strings.Contains(stderr, "receiveHere") {
		t.Errorf("not reported:\n%s", stderr)
	}
}
