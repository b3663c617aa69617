package tape

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Kind is what a goroutine holds, uses or waits for.
type Kind uint8

// The kinds of objects.
const (
	NoKind Kind = iota
	Mutex
	RWMutex
	Chan
	Select
	WaitGroup
	Cond
	Semaphore // of golang.org/x/sync
)

// Side is what a goroutine did to an object that is not held.
type Side uint8

// The sides. A wait group is added to and done with, a cond signalled.
const (
	NoSide Side = iota
	Send
	Recv
	Close
	Add
	Done
	Await
	Signal
	SawClosed // received, and found the channel closed
	Ordering  // sent a message on a channel, after a request for locks or a Join
	Join      // received a message that is not earlier than an Ordering
	Permit    // gave back a permit of a semaphore, which the channel or other object is
	Queue     // used it in a way that semaphores are not used
)

// Object is one lock, channel, wait group or cond. ID is its own for good; Addr may be
// reused by another after it was collected. An object that nothing was recorded of has
// the ID 0 and only an address.
type Object struct {
	ID   uint64
	Addr uint64
	Kind Kind
}

// Hold is a lock that a goroutine holds.
type Hold struct {
	Object
	Mode  lockorder.Mode
	Stack finding.Stack
	// Since is when it was taken on the process's monotonic clock, in nanoseconds; 0 if
	// that was not measured.
	Since int64
	// Shared says that a goroutine was started while the lock was held: see Goroutine.Under.
	Shared bool
}

// Case is one way in which a wait can end.
type Case struct {
	Object
	Side Side
	// Timer says that it is the channel of a timer or ticker, which needs no goroutine to send.
	Timer bool
	// MoreUses says that more goroutines may have used the object than Uses has.
	MoreUses bool
}

// Wait is what a goroutine is blocked on.
type Wait struct {
	Kind  Kind // Mutex, RWMutex, Chan, Select, WaitGroup, Cond
	Cases []Case
	Mode  lockorder.Mode // of a lock
	Stack finding.Stack
	Since int64
	// MoreCases says that the select had more cases than were written down.
	MoreCases bool
	// Woken says that another goroutine has woken this one, which waits in package sync. Of
	// those that wait for a lock another one may have been faster.
	Woken bool
}

// Goroutine is a goroutine that is alive, as far as the tape knows.
type Goroutine struct {
	ID, Parent uint64
	// Seq changes whenever the slot does: a goroutine with the same ID and Seq in two
	// readings did nothing in between.
	Seq uint64
	// Test is the name of the test that it descends from, "" for none, and Part what it
	// descends from else, where that is known.
	Test    string
	Part    Part
	Created finding.Stack
	// Start is the function that it runs; zero where it is not known, as of the first one.
	Start finding.Frame
	Born  int64 // when the first record after its birth was written: what is earlier came before
	Held  []Hold
	// MoreHeld is how many more it holds than were written down.
	MoreHeld int
	// Wait is nil if the goroutine is not blocked on anything that is observed.
	Wait *Wait
	// Under says that its parent held locks when it started the goroutine, which may be the
	// one to release them.
	Under bool
	// System says that it is the runtime's own, or the alarm of package testing.
	System bool
	// Bubble says that it is in a testing/synctest bubble.
	Bubble bool
	// Leaked says that the collector found that nothing which can still run leads to what
	// the goroutine waits for, in the look with the number Look, from 1 on. It stays true
	// however the process ends.
	Leaked bool
	// OnlyGlobals says that in the last look, which had the number Look, nothing but global
	// variables led there: no goroutine that could run had what this one waits for, and no
	// timer. Another one's code may still know such a variable.
	OnlyGlobals bool
	Look        int
}

// Part is a part of a program outside of its tests.
type Part string

// The parts. What runs after them is in none.
const (
	NoPart   Part = tapePartNone
	InInit   Part = tapePartInit     // the initialization of packages
	TestMain Part = tapePartTestMain // from when package testing is set up on, but for the tests
)

// Dependency is a goroutine asking for a lock while it held others. Two more kinds of
// requests are ones: for a lock that it holds itself, which is then among Held, and the
// first few exclusive ones for an RWMutex with nothing held, of distinct goroutines: a
// reader waits for a reader only behind a writer.
type Dependency struct {
	Goroutine uint64
	// Parent, Created and Born are those of the goroutine, which may have ended since; zero
	// where they are not known.
	Parent  uint64
	Created finding.Stack
	Born    int64
	Test    string
	Time    int64
	Lock    Object
	Mode    lockorder.Mode
	// Try says that it was a TryLock, which waits for nothing.
	Try   bool
	Stack finding.Stack
	// Held are the others, the one taken last at the end.
	Held []Hold
}

// Use is the first time that a goroutine did something to an object that has no holder.
// They are forgotten with it, and the first ones have neither Test nor Time: they are in
// order, before those that have. Of a wait group those with a Time are there besides which
// say something of the order of locks: a Done of a goroutine that had requested some, and each Await;
// of a channel, likewise a Close, and each SawClosed; Ordering and Join are there besides and
// more than once. What functions of timers did has no Goroutine,
// Test, Time or Stack: each call has a goroutine of its own, and there may be another call.
type Use struct {
	Goroutine uint64
	Test      string
	Time      int64
	Object    Object
	Side      Side
	Stack     finding.Stack
	// Number is of Ordering and Join: how many messages the goroutine has sent, or received, with
	// this one; ManyMessages if that is not known. An Ordering of that number is a message that
	// orders nothing, of a goroutine whose message before did: it may send more of them.
	Number uint32
	// Of Permit it is how many the semaphore has.
	// Others says of Ordering that other goroutines had sent on the channel before.
	Others bool
	// Transfers are of Ordering: memory with locks that the message leads to.
	Transfers []Block
}

// ManyMessages is the number of a message of which the number is not known.
const ManyMessages = 1<<16 - 1

// Block is a piece of memory.
type Block struct{ Addr, Size uint64 }

// Has reports whether an address lies in the block.
func (b Block) Has(addr uint64) bool { return addr-b.Addr < b.Size }

// Gives reports whether the message leads to an address.
func (u *Use) Gives(addr uint64) bool {
	return slices.ContainsFunc(u.Transfers, func(b Block) bool { return b.Has(addr) })
}

// Birth says that all which a goroutine did comes after what another one did before a time: it
// was started by that one, or calls what that one had called later. Of those that a go
// statement started the ones are written down that started others after their creators had
// asked for locks: they may have ended, while the others did not.
type Birth struct {
	Goroutine, After uint64
	Before           int64 // the first record after it was written then: what is earlier came before
}

// Misuse is something that panics, or is a mistake. A foreign-unlock is written once for
// each lock, an abandoned-lock for each that a goroutine still holds when it ends.
type Misuse struct {
	// Rule is one of send-on-closed, double-close, foreign-unlock,
	// waitgroup-misuse, abandoned-lock, nil-channel, signal-without-lock.
	Rule      finding.RuleID
	Goroutine uint64
	// Created is where the goroutine was created; empty if it is not known.
	Created finding.Stack
	Test    string
	Time    int64
	Object  Object
	Mode    lockorder.Mode // of a lock
	Stack   finding.Stack
	// Other is the other place of it: where the channel was closed, where the lock was
	// taken, where another goroutine has waited for the cond; empty if it is not known. OtherGoroutine did that.
	Other          finding.Stack
	OtherGoroutine uint64
}

// Test is a test, benchmark or fuzz function that began.
type Test struct {
	Name       string
	Goroutine  uint64
	Begin, End int64 // End is 0 while it runs
	Failed     bool
}

// Blocking is the sum of the waits of one stack.
type Blocking struct {
	Kind  Kind
	Stack finding.Stack
	Test  string // of the first
	// Under is where the lock was taken that was held meanwhile; empty for none.
	Under      finding.Stack
	Count      int64
	Nanos, Max int64
}

// Holding is the sum of the measured holds of locks taken at one stack.
type Holding struct {
	Kind  Kind
	Mode  lockorder.Mode
	Stack finding.Stack
	// Count is how many were taken, Measured how many of them were timed.
	Count, Measured int64
	Nanos, Max      int64
}

// Tape is all that one process wrote down, read at one moment.
type Tape struct {
	File       string
	PID        int
	Executable string
	GoVersion  string
	// Start is when recording began, as Unix time in nanoseconds; StartMono is the same
	// on the process's monotonic clock, which all other times are on, and Now the time
	// of the reading or of the end.
	Start, StartMono, Now int64
	End                   End
	// ExitCode is that of a process that ended itself, Signal the number of what ended one
	// that was Signaled.
	ExitCode, Signal int
	// EndedBy is the goroutine that called os.Exit or panicked, 0 if none did. Of a test that
	// TimedOut it is the function of a timer that says so.
	EndedBy uint64
	// Limit is how long the tests were allowed to take, of a process that TimedOut.
	Limit time.Duration
	// Looks is what was asked of the collector.
	Looks Looks

	Goroutines []Goroutine
	// Unseen is how many goroutines found no slot.
	Unseen int64

	Dependencies []Dependency
	Births       []Birth
	Uses         []Use
	Misuses      []Misuse
	Races        []Race
	Tests        []Test
	Blockings    []Blocking
	Holdings     []Holding
	// Dropped is how many records of the past were overwritten or found no room. Which goroutines may
	// have used what a goroutine waits for does not rest on it: see Case.MoreUses.
	Dropped int64
	// DroppedSums is how many waits and holds are in none of Blockings and Holdings.
	DroppedSums int64
	// Cut says that the end of the file is missing, and with it what was recorded there.
	Cut bool
	// Full says that the disk was full, which ended the recording but not the process.
	// What goroutines did from then on is not known: there are none in Goroutines.
	Full bool
}
