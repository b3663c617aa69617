//go:build !concdoctor_off

package detect_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// TestInABubble waits for locks in a bubble of testing/synctest: time passes at
// once there, and nothing of the agent's may depend on it or be left behind.
func TestInABubble(t *testing.T) {
	detect.ResetForTest(t)
	soon()
	synctest.Test(t, func(t *testing.T) {
		var a agent.Mutex
		a.Lock()
		start := time.Now()
		go func() {
			time.Sleep(time.Hour)
			a.Unlock()
		}()
		synctest.Wait()
		time.Sleep(2 * time.Hour)
		a.Lock() // handed over: a wait for oneself for an hour
		if waited := time.Since(start); waited != 2*time.Hour {
			t.Errorf("waited %v", waited)
		}
		a.Unlock()
	})
	if found := agent.Findings(); len(found) > 0 {
		t.Errorf("findings %v", found)
	}
	// Outside, the watch is awake as before.
	var b agent.Mutex
	taken := make(chan bool)
	agent.Go(func() { // of a plain goroutine not every build knows the end
		takeFirst(&b)
		close(taken)
	})
	<-taken
	hang(t, func() { takeSecond(&b) })
	if found := agent.Findings(); len(found) != 1 || found[0].Rule != "abandoned-lock" {
		t.Errorf("findings %v", found)
	}
}
