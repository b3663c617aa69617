//go:build concdoctor_off

package agent_test

import (
	"sync"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

// In this build the types are sync's own: these lines compile or they do not.
var (
	_ *sync.Mutex   = (*agent.Mutex)(nil)
	_ *sync.RWMutex = (*agent.RWMutex)(nil)
)

func TestOffFindsNothing(t *testing.T) {
	agent.Configure(agent.Options{})
	defer agent.OnFinding(nil)()
	if got := agent.Findings(); got != nil {
		t.Errorf("findings %v", got)
	}
}
