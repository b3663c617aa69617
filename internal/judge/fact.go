package judge

import (
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Stack is a call stack as its witness keeps it. Frames may be costly, since a live
// process keeps program counters: it is called for what is shown.
type Stack interface{ Frames() finding.Stack }

// Frames is a stack whose frames are known.
type Frames finding.Stack

// Frames returns the stack.
func (f Frames) Frames() finding.Stack { return finding.Stack(f) }

// Expand returns the frames of a stack that may be nil.
func Expand(s Stack) finding.Stack {
	if s == nil {
		return nil
	}
	return s.Frames()
}

// Object is a lock, channel, wait group, cond or Once as its witness knows it. Objects
// are compared with ==: equal ones are one thing.
type Object interface {
	// Resource describes the object as it is used in the mode at the stack, which is not
	// trimmed: a witness may know only from there what the source calls it.
	Resource(as finding.Mode, at finding.Stack) finding.Resource
}

// Hold is a lock that a goroutine holds.
type Hold struct {
	Lock  Object
	Mode  lockorder.Mode
	Stack Stack // where it was acquired
	// Unowned says that another goroutine may be the one that releases it: this lock, or
	// one acquired at the same place, was released by a goroutine that did not hold it.
	Unowned bool
	// Heirs are living goroutines that the holder started while it held the lock: one of
	// them may have been given it, and be the one that releases it.
	Heirs []uint64
	// Lasted is for how long it is known to have lasted, 0 if that is not known.
	Lasted time.Duration
	// Unsure says that the witness infers the hold, and that the goroutine may hold another
	// lock of the kind instead: one of the goroutines that hold a lock in this way does, or
	// none.
	Unsure bool
}

// ModeOf returns the mode as findings have it.
func ModeOf(m lockorder.Mode) finding.Mode {
	if m == lockorder.Shared {
		return finding.Shared
	}
	return finding.Exclusive
}

// IsLock reports whether a resource of the kind is held by the goroutine that acquired it.
func IsLock(k finding.ResourceKind) bool {
	return k == finding.Mutex || k == finding.RWMutex || k == finding.Once || k == finding.Semaphore
}

// Created returns the go statement of a goroutine for a finding. One inside the standard
// library, such as WaitGroup.Go's, says nothing that the end of the goroutine's own stack
// does not.
func Created(by finding.Stack) finding.Frame {
	if f := by.Site(); !f.IsStandard() {
		return f
	}
	return finding.Frame{}
}

// SeverityOf is the severity of a deadlock that is as certain as that: what rests on a
// guess fails no build and stops no process.
func SeverityOf(c finding.Certainty) finding.Severity {
	if c == finding.Suspected {
		return finding.Warning
	}
	return finding.Error
}
