//go:build !concdoctor_off

package detect_test

import (
	"bytes"
	"runtime/trace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func keepTheLoop(until <-chan bool) { <-until }

func TestLoopSaysWhatKeepsIt(t *testing.T) {
	detect.ResetForTest(t)
	found, goOn := make(chan finding.Finding, 1), make(chan bool)
	stop := agent.OnFinding(func(f finding.Finding) {
		select {
		case found <- f:
		default:
		}
	})
	defer stop()
	ended := make(chan bool)
	go func() {
		defer close(ended)
		loop := agent.NewLoop("connections")
		for range 1000 {
			loop.Handle(func() {})
		}
		loop.Handle(func() { keepTheLoop(goOn) })
	}()
	f := <-found
	close(goOn)
	<-ended
	top := f.Goroutines[0].Stack.Site().ShortFunc()
	if f.Rule != "loop-blocked" || f.Certainty != finding.Observed || f.Resources[0].Name != "connections" || !strings.HasSuffix(top, "keepTheLoop") {
		t.Errorf("%s (%s) %v, top %s", f.Rule, f.Certainty, f.Resources, top)
	}
	if state := f.Goroutines[0].State; state != "chan receive" {
		t.Errorf("state %q", state)
	}
}

// TestQuickLoopIsSilent has iterations that end before the watchdog looks, in
// bubble time too, and one that panics.
func TestQuickLoopIsSilent(t *testing.T) {
	detect.ResetForTest(t)
	loop := agent.NewLoop("quick")
	for range 1000 {
		loop.Handle(func() {})
	}
	func() {
		defer func() { _ = recover() }()
		loop.Handle(func() { panic("a handler") })
	}()
	synctest.Test(t, func(*testing.T) {
		agent.NewLoop("bubble").Handle(func() { time.Sleep(time.Hour) })
	})
	if found := agent.Findings(); len(found) > 0 {
		t.Errorf("findings %v", found)
	}
}

// TestLoopIsARegion holds the name that the analyzer looks for.
func TestLoopIsARegion(t *testing.T) {
	detect.ResetForTest(t)
	var out bytes.Buffer
	if err := trace.Start(&out); err != nil {
		t.Fatal(err)
	}
	agent.NewLoop("connections").Handle(func() {})
	trace.Stop()
	if !strings.Contains(out.String(), "concdoctor.loop connections") {
		t.Error("the trace has no region of the loop")
	}
}
