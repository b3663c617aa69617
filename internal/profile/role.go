package profile

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Role is what the goroutines of a stack waited for, in the words of a report.
type Role string

// The roles. Running also stands for what is not known.
const (
	Mutex     Role = "mutex"
	RWMutex   Role = "rwmutex"
	Once      Role = "once"
	WaitGroup Role = "waitgroup"
	Cond      Role = "cond"
	Receive   Role = "channel receive"
	Send      Role = "channel send"
	Select    Role = "select"
	Sleep     Role = "sleep"
	Network   Role = "network or file"
	Runtime   Role = "runtime"
	Running   Role = "running"
	// Unsaid is a stack of a text profile that ends in user code: the form leaves
	// out the runtime frames that would show it.
	Unsaid Role = "not shown"
)

// IsLock reports whether the role is a wait for mutual exclusion, which is
// contention. Once is not: it waits for an initialisation that happens once.
func (r Role) IsLock() bool { return r == Mutex || r == RWMutex }

// CanLeak reports whether a goroutine in the role waits for another goroutine,
// which may never come. Sleeps end, and the network has timeouts of its own.
func (r Role) CanLeak() bool {
	switch r {
	case Mutex, RWMutex, WaitGroup, Cond, Receive, Send, Select, Unsaid:
		return true
	}
	return false
}

// roles maps the start of a machinery function's name to its role. Package agent's
// types have the names of sync's and are looked up as such.
var roles = []struct {
	prefix string
	role   Role
}{
	{"sync.(*Mutex).", Mutex},
	{"sync.(*RWMutex).", RWMutex},
	{"sync.(*rlocker).", RWMutex},
	{"sync.(*Once).", Once},
	{"sync.Once", Once},
	{"sync.(*WaitGroup).Wait", WaitGroup},
	{"sync.(*Cond).Wait", Cond},
	{"sync.(*Map).", Mutex},
	{"sync.(*Pool).", Mutex},
	{"internal/sync.", Mutex},
	{"runtime.chanrecv", Receive},
	{"runtime.chansend", Send},
	{"runtime.selectgo", Select},
	{"runtime.block", Select},
	{"time.Sleep", Sleep},
	{"internal/poll.", Network},
}

// runtimeLeaves end the stacks that the runtime's own locks leave in a mutex profile.
var runtimeLeaves = []string{"runtime.unlock", "runtime._LostContended", "runtime.(*rwmutex)", "runtime._System"}

const agentPrefix = "github.com/concdoctor/concdoctor/agent."

// RoleOf returns what a goroutine with the stack waits for, if it waits.
func RoleOf(s finding.Stack) Role { return roleOf(s, false) }

// roleOf returns what a stack waits for: the outermost machinery frame below the
// site decides, since RWMutex.Lock takes a Mutex inside and Once.Do too.
func roleOf(s finding.Stack, text bool) Role {
	if len(s) == 0 {
		return Running
	}
	if endsInRuntimeLock(s) {
		return Runtime
	}
	inner := 0
	for inner < len(s) && s[inner].IsMachinery() {
		inner++
	}
	if inner == len(s) {
		return Runtime // a goroutine of the runtime's own
	}
	for i := inner - 1; i >= 0; i-- {
		role, ok := lookupRole(s[i].Func)
		if ok && role == Cond && locksInside(s[:i]) {
			return Mutex // Cond.Wait releases and takes its L: that is the lock's business
		}
		if ok {
			return role
		}
	}
	if inner == 0 && text && !s[0].IsStandard() {
		return Unsaid
	}
	return Running
}

// endsInRuntimeLock reports whether the stack is of one of the runtime's own locks.
func endsInRuntimeLock(s finding.Stack) bool {
	return len(s) > 0 && slices.ContainsFunc(runtimeLeaves, func(leaf string) bool { return strings.HasPrefix(s[0].Func, leaf) })
}

// locksInside reports whether the calls are those of a lock's own methods.
func locksInside(calls finding.Stack) bool {
	for _, f := range calls {
		if role, ok := lookupRole(f.Func); ok && role.IsLock() {
			return true
		}
	}
	return false
}

func lookupRole(name string) (Role, bool) {
	if rest, ok := strings.CutPrefix(name, agentPrefix); ok {
		name = "sync." + rest
	}
	for _, r := range roles {
		if strings.HasPrefix(name, r.prefix) {
			return r.role, true
		}
	}
	return "", false
}
