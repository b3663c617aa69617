package hang

import (
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge"
)

// Look is the goroutines of a process at one moment.
type Look struct {
	// Goroutines are those that are blocked, and others as far as the witness knows them.
	// Their ids are distinct.
	Goroutines []Goroutine
	Knowledge  Knowledge
	// Left are the locks that goroutines held when they ended, and that were not released
	// since. They are not among the holds of a goroutine.
	Left []Left
	// Enough is how long a wait has to last before it is judged.
	Enough time.Duration
	// Asleep says that the runtime has found all goroutines asleep.
	Asleep bool
	// Inferred says that the witness has not seen the goroutines acquire what they hold: it
	// infers that from where they are. Then no hang is more than potential.
	Inferred bool
	// Exited says that the program came to its end: what is blocked was left behind.
	Exited bool
	// OneMoment says that no goroutine has moved while the others were looked at: then a
	// cycle of holders needs no time to be believed.
	OneMoment bool
	// AllHolds says that all holds of all goroutines are in Goroutines, and that it is known
	// which waiters were woken.
	AllHolds bool
	// LocksJudged says that the witness has judged cycles of locks alone when they closed; see
	// [Held].
	LocksJudged bool
}

// Goroutine is one goroutine.
type Goroutine struct {
	ID uint64
	// Parent is the goroutine that started it, 0 if that is not known, and Created the go
	// statement; it may be nil.
	Parent  uint64
	Created judge.Stack
	// Group is what the goroutine belongs to, such as a test. Goroutines of different groups
	// know nothing of each other; "" belongs to all.
	Group string
	Holds []judge.Hold
	// Owes is the wait group whose Go started it, which waits for it to end; it may be nil.
	Owes judge.Object
	// Wait is nil for a goroutine that may go on by itself, as far as is known.
	Wait  *Wait
	Proof Proof
	// Reached says that the collector has looked since it waits, and that a goroutine which
	// can run, or a timer, leads to what it waits for.
	Reached bool
	// OnlyGlobals says that it has looked, and that nothing but global variables leads there.
	OnlyGlobals bool
	// Awaited says that the program or a running test waits for it: it is main's, or the
	// test's own.
	Awaited bool
	// Suspect is for how long every look at this wait has found no goroutine that could end
	// it. A witness that looks once, at all that has happened, says how long the wait lasts.
	Suspect time.Duration
	// Reported says that the wait is part of a hang that was reported at an earlier look.
	Reported bool
}

// Wait is what a goroutine is blocked on.
type Wait struct {
	// Mode is exclusive or shared for a lock, else send, receive, select, or await.
	Mode finding.Mode
	// Cases are the ways in which the wait can end: one for a lock.
	Cases []Case
	// All are goroutines that must all end first, where the cases are the mechanism of that.
	All []uint64
	// Join says that the wait is for a wait group: such a goroutine has done its part.
	Join bool
	// Dones is for how many calls of Done a wait group waited at the start, 0 if not known.
	Dones int
	// MoreCases says that a select has cases which are not known.
	MoreCases bool
	Stack     judge.Stack
	Lasted    time.Duration
	// Woken says that the goroutine was woken and has not run yet.
	Woken bool
	// Alone says that the source shows it: nothing but the function that waits has what it
	// waits for. That is how a goroutine stays on purpose while others run.
	Alone bool
	// Unowned says of a lock that it was released by a goroutine that did not hold it.
	Unowned bool
}

// Case is one way in which a wait can end.
type Case struct {
	// Object is nil for a nil channel, which is never ready. Nil then describes it, or is nil.
	Object, Nil judge.Object
	// Mode is send, receive or await, or the mode of a lock: what the waiting goroutine does
	// to the object.
	Mode finding.Mode
	// External says that the case may become ready without a goroutine that the witness
	// knows: the channel is a timer's, or one that is not observed, or the wait is over in
	// truth and the goroutine has not run since.
	External bool
}

// Proof is what the collector has found out about a blocked goroutine.
type Proof uint8

const (
	// Unproven: nothing, or it was not asked.
	Unproven Proof = iota
	// Unreachable: nothing that can run leads to what the goroutine waits for.
	Unreachable
)

// Left is a lock that a goroutine held when it ended.
type Left struct {
	Hold    judge.Hold
	By      uint64
	Created judge.Stack
	// Given says that the goroutine may be alive, and acquired the lock at a place where it is
	// given to goroutines that are started for it: those that were have ended.
	Given bool
}

// lock returns the lock that the wait is for, and whether it is for one.
func (w *Wait) lock() (judge.Object, bool) {
	if !w.IsLock() || len(w.Cases) == 0 {
		return nil, false
	}
	return w.Cases[0].Object, true
}

// IsLock reports whether the wait is for a lock.
func (w *Wait) IsLock() bool { return w.Mode == finding.Exclusive || w.Mode == finding.Shared }

// IsReceive reports whether the goroutine waits to be sent something, as workers and
// actors do that have nothing to do.
func (w *Wait) IsReceive() bool {
	if w.Mode != finding.Receive && w.Mode != finding.Select {
		return false
	}
	for _, c := range w.Cases {
		if c.Mode != finding.Receive {
			return false
		}
	}
	return true
}

// isNothing reports whether the wait is for nil channels or in a select without cases.
func (w *Wait) isNothing() bool {
	if w.MoreCases || len(w.All) > 0 {
		return false
	}
	for _, c := range w.Cases {
		if c.Object != nil || c.External {
			return false
		}
	}
	return true
}
