//go:build !race && !concdoctor_off

package detect_test

import (
	"runtime"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// TestAddMeetsWait begins a round before the Wait of the last one has returned. (The
// race detector calls that a race of its own accord.)
func TestAddMeetsWait(t *testing.T) {
	detect.ResetForTest(t)
	for range 10000 { // the Wait may return before the Add comes
		addMeetsWait()
		if len(agent.Findings()) > 0 {
			checkMisuse(t, "counted up from zero here", "addMeetsWait", "waited here and not returned yet", "await")
			return
		}
	}
	t.Error("no Add met a Wait")
}

func addMeetsWait() {
	var w agent.WaitGroup
	w.Add(1)
	returned, added := make(chan bool), make(chan bool)
	go func() { defer close(returned); _ = recovered(func() { await(&w) }) }()
	for detect.WaitersForTest(stateOf(&w).(*detect.Group)) == 0 { // until it has begun
		runtime.Gosched()
	}
	go func() { defer close(added); _ = recovered(func() { w.Done(); w.Add(1) }) }()
	<-added
	_ = recovered(w.Done) // the waiter may have come after the new round had begun
	<-returned
}
