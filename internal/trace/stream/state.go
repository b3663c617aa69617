package stream

import "github.com/concdoctor/concdoctor/agent/finding"

// State is what a goroutine does.
type State uint8

// The states.
const (
	NoState State = iota
	Running
	Runnable
	Waiting
	Syscall
	// States is the number of states, for arrays indexed by State.
	States
)

var stateNames = [States]string{"none", "running", "runnable", "waiting", "syscall"}

// String returns the lower-case name.
func (s State) String() string {
	if s < States {
		return stateNames[s]
	}
	return "unknown"
}

// Set returns the set that holds s alone.
func (s State) Set() StateSet { return 1 << s }

// StateSet is a set of states.
type StateSet uint8

// Has reports whether s is in the set.
func (set StateSet) Has(s State) bool { return set&(1<<s) != 0 }

// Reason says why a goroutine is not running.
type Reason uint8

// The reasons. Those from Mutex to SyncOther are refinements of the trace's plain
// "sync", distinguished by the frames on top of the stack.
const (
	NoReason Reason = iota
	// Unknown is a reason that this version does not know.
	Unknown
	Mutex
	// RWRead and RWWrite wait for a sync.RWMutex.
	RWRead
	RWWrite
	// Once waits for another goroutine's call of the function in sync.Once.Do.
	Once
	// SyncLock is a lock of the standard library's internals, such as a file descriptor's.
	SyncLock
	WaitGroup
	Cond
	// SyncOther waits on a semaphore of an unknown user.
	SyncOther
	ChanSend
	ChanRecv
	Select
	// Forever is select{} or an operation on a nil channel.
	Forever
	Network
	Sleep
	// InSyscall is the reason of every Syscall state.
	InSyscall
	// Collector waits for, or works off a debt to, the garbage collector.
	Collector
	// System is a runtime goroutine's idle wait.
	System
	Preempted
	// Yielded called runtime.Gosched.
	Yielded
	// Created has not run yet.
	Created
	// Synctest waits inside a testing/synctest bubble's own machinery.
	Synctest
	// Debugger waits for a debugger's call.
	Debugger
	// Reasons is the number of reasons, for arrays indexed by Reason.
	Reasons
)

var reasonNames = [Reasons]string{
	"none", "unknown", "mutex", "rwmutex read lock", "rwmutex write lock", "once", "internal lock", "wait group",
	"cond", "semaphore", "channel send", "channel receive", "select", "forever", "network", "sleep", "system call",
	"garbage collector", "system", "preempted", "yielded", "created", "synctest", "debugger",
}

// String returns the name for people.
func (r Reason) String() string {
	if r < Reasons {
		return reasonNames[r]
	}
	return "unknown"
}

// IsLock reports whether the goroutine waits until another one unlocks.
func (r Reason) IsLock() bool { return Mutex <= r && r <= SyncLock }

// IsChannel reports whether the goroutine waits for a channel operation.
func (r Reason) IsChannel() bool { return ChanSend <= r && r <= Forever }

// IsIO reports whether the world outside the program, or a timer, ends the wait.
func (r Reason) IsIO() bool { return Network <= r && r <= InSyscall }

// IsSync reports whether another goroutine ends the wait other than by unlocking.
func (r Reason) IsSync() bool { return WaitGroup <= r && r <= Forever }

// ResourceKind returns what a wait of the reason is for: a channel where it is none of
// package sync.
func (r Reason) ResourceKind() finding.ResourceKind {
	switch r {
	case Mutex, SyncLock:
		return finding.Mutex
	case RWRead, RWWrite:
		return finding.RWMutex
	case Once:
		return finding.Once
	case WaitGroup:
		return finding.WaitGroup
	case Cond:
		return finding.Cond
	}
	return finding.Channel
}
