//go:build !race && !concdoctor_off

package detect_test

import (
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
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

// asleep are programs that hang in a primitive each.
var asleep = map[string]func(){
	"wait group": func() {
		var w agent.WaitGroup
		w.Add(1)
		w.Wait()
	},
	"cond": func() {
		var mu agent.Mutex
		mu.Lock()
		agent.NewCond(&mu).Wait()
	},
	"once": func() {
		var o agent.Once
		o.Do(func() { o.Do(func() {}) })
	},
	"read lock": func() {
		var rw agent.RWMutex
		rw.Lock()
		rw.RLock()
	},
	"select": func() {
		var v int
		agent.Select(agent.MakeChan[int](0).OnRecv(&v))
	},
}

func init() {
	for name, program := range asleep {
		programs["asleep in "+name] = program
	}
}

func TestProcessAllAsleepInEachPrimitive(t *testing.T) {
	for name := range asleep {
		t.Run(name, func(t *testing.T) {
			status, stderr := child(t, "asleep in "+name, "self_wait=10ms output=none")
			if status != 2 || !strings.HasPrefix(stderr, "fatal error: all goroutines are asleep - deadlock!") {
				t.Errorf("status %d:\n%s", status, stderr)
			}
		})
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
