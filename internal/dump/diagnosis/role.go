package diagnosis

import (
	"strings"

	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/profile"
)

// states maps the start of the runtime's word for a state (waitReasonStrings in
// runtime2.go) to what it means; "semacquire" is a lock or wait group before Go 1.20.
var states = []struct {
	start string
	role  profile.Role
}{
	{"chan receive", profile.Receive},
	{"chan send", profile.Send},
	{"select", profile.Select},
	{"sync.Mutex.Lock", profile.Mutex},
	{"sync.RWMutex.", profile.RWMutex},
	{"sync.WaitGroup.", profile.WaitGroup},
	{"sync.Cond.", profile.Cond},
	{"semacquire", profile.Running}, // the runtime's own: the calls of package sync would say so
	{"sleep", profile.Sleep},
	{"IO wait", profile.Network},
	{"syscall", profile.Running},
	{"run", profile.Running}, // running, runnable
	{"idle", profile.Running},
	{"preempted", profile.Running},
}

// roleOf returns what the goroutine waits for: the calls of package sync where they
// say it (RWMutex.Lock waits in a Mutex), else the state.
func roleOf(g *dump.Goroutine) profile.Role {
	if role := profile.RoleOf(g.Stack); isWaiting(g) && role != profile.Running && role != profile.Runtime {
		return role
	}
	for _, s := range states {
		if strings.HasPrefix(g.State, s.start) {
			return s.role
		}
	}
	return profile.Runtime
}

// isWaiting reports whether its state is one that the calls of its stack explain.
func isWaiting(g *dump.Goroutine) bool {
	return !strings.HasPrefix(g.State, "run") && g.State != "syscall" && g.State != "preempted"
}
