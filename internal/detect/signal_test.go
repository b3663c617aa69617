//go:build !concdoctor_off

package detect_test

import (
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// TestSignalWithoutLock signals in several ways a cond that another goroutine waits for.
func TestSignalWithoutLock(t *testing.T) {
	if !gid.Fast {
		t.Skip("this build keeps nothing of a goroutine without locks")
	}
	for _, tt := range []struct {
		name    string
		reader  bool // L is for reading
		signal  func(c *agent.Cond, other *agent.Mutex)
		reports bool
	}{
		{"without it", false, wakes, true},
		{"without it, for readers", true, wakes, true},
		{"under another lock", false, func(c *agent.Cond, other *agent.Mutex) {
			other.Lock()
			wakes(c, other)
			other.Unlock()
		}, true},
		{"silent: under it", false, func(c *agent.Cond, other *agent.Mutex) {
			c.L.Lock()
			wakes(c, other)
			c.L.Unlock()
		}, false},
		{"silent: right after it was released", false, func(c *agent.Cond, other *agent.Mutex) {
			c.L.Lock()
			c.L.Unlock()
			wakes(c, other)
		}, false},
		{"silent: right after it was released by a reader", true, func(c *agent.Cond, other *agent.Mutex) {
			c.L.Lock()
			c.L.Unlock()
			wakes(c, other)
		}, false},
		{"silent: under it and another", false, func(c *agent.Cond, other *agent.Mutex) {
			c.L.Lock()
			other.Lock()
			wakes(c, other)
			other.Unlock()
			c.L.Unlock()
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detect.ResetForTest(t)
			var l agent.Locker = new(agent.Mutex)
			if tt.reader {
				l = new(agent.RWMutex).RLocker()
			}
			c, done := agent.NewCond(l), make(chan struct{})
			go func() {
				defer close(done)
				for range 2 {
					awaitsSignal(c)
				}
			}()
			for other := new(agent.Mutex); !isClosed(done); {
				tt.signal(c, other)
			}
			all := held(t)
			if !tt.reports {
				if len(all) != 0 {
					t.Errorf("findings %v", all)
				}
				return
			}
			if len(all) != 1 || all[0].Rule != finding.RuleSignalWithoutLock || all[0].Certainty != finding.Observed || all[0].Severity != finding.Info || len(all[0].Places) != 2 {
				t.Fatalf("findings %v", all)
			}
			for i, site := range []string{"wakes", "awaitsSignal"} {
				if got := short(all[0].Places[i].Stack); !strings.HasPrefix(got, site) {
					t.Errorf("place %d is %s, want %s", i, got, site)
				}
			}
		})
	}
}

//go:noinline
func wakes(c *agent.Cond, _ *agent.Mutex) { c.Broadcast() }

//go:noinline
func awaitsSignal(c *agent.Cond) {
	c.L.Lock()
	c.Wait()
	c.L.Unlock()
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
