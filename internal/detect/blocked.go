package detect

import (
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/ticks"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// blocked is what a goroutine publishes while it is blocked, for the scanner to read. This
// costs some stores into the goroutine's own memory and a walk of its stack: no lock, no
// clock, no allocation. The locks that it holds are read from its state, which does not
// change while it is blocked.
//
// Only the goroutine writes. turn makes it a sequence lock: what was read is valid only if
// turn was odd, and the same before and after.
type blocked struct {
	turn atomic.Uint64 // odd while the goroutine is blocked
	op   WaitOp
	// lock and mode are those of a wait for a lock. Any other wait has count cases, the
	// first ones in few and the rest in more.
	lock  *lockRecord
	mode  lockorder.Mode
	count int
	few   [FewCases]WaitCase
	more  atomic.Pointer[[]WaitCase]
	stack callers.Short
	since uint64 // ticks at the start while statistics are on, else 0
	dones int    // the counter of a wait group at the start
}

// WaitOp is the operation in which a goroutine is blocked.
type WaitOp uint8

const (
	opLock WaitOp = iota
	OpSend
	OpReceive
	OpSelect
	opWaitGroup
	opCond
)

var opNames = [...]string{
	opLock: "lock", OpSend: "send", OpReceive: "receive", OpSelect: "select", opWaitGroup: "wait", opCond: "wait for a signal",
}

func (op WaitOp) String() string { return opNames[op] }

// WaitCase is one way in which a wait can end: another goroutine uses side at of the
// waitable. A nil waitable is one that the engine does not know, such as a plain channel:
// the case may become ready at any time.
type WaitCase struct {
	waitable *waitable
	at       Side
}

// FewCases is the number of cases that a wait can have without an allocation.
const FewCases = 8

// block publishes that the goroutine is about to block until another goroutine uses side at
// of s. The caller is the method that blocks; it calls unblock afterwards.
//
//go:norace
//go:noinline
func (g *Goroutine) block(op WaitOp, s *waitable, at Side) {
	b := &g.blocked
	b.op, b.lock, b.count = op, nil, 1
	b.few[0] = WaitCase{s, at}
	if callers.Fast {
		callers.Walk(&b.stack)
	} else {
		callers.Slow(&b.stack)
	}
	g.announceWait()
}

// BlockSelect is block for several cases. It does not keep the slice.
//
//go:norace
//go:noinline
func (g *Goroutine) BlockSelect(cases []WaitCase) {
	b := &g.blocked
	b.op, b.lock, b.count = OpSelect, nil, len(cases)
	for i := range min(len(cases), FewCases) {
		b.few[i] = cases[i]
	}
	if len(cases) > FewCases {
		more := append([]WaitCase(nil), cases[FewCases:]...)
		b.more.Store(&more)
	}
	callers.Take(&b.stack)
	g.announceWait()
}

// blockForEver is block for a wait that no goroutine can end.
//
//go:norace
//go:noinline
func (g *Goroutine) blockForEver(op WaitOp) {
	b := &g.blocked
	b.op, b.lock, b.count = op, nil, 0
	callers.Take(&b.stack)
	g.announceWait()
}

// blockLock is block for the lock of h.
//
//go:norace
func (g *Goroutine) blockLock(h *HeldLock) {
	b := &g.blocked
	b.op, b.lock, b.mode, b.count = opLock, h.lock, h.mode, 0
	b.stack = *g.settle(h)
	g.announceWait()
}

//go:norace
func (g *Goroutine) announceWait() {
	g.settleAll()
	g.blocked.since = 0
	if std.statistics.on.Load() {
		g.blocked.since = ticks.Now()
	}
	g.blocked.turn.Add(1)
	if !std.scanner.armed.Load() {
		std.scanner.arm()
	}
}

// unblock ends what block published.
//
//go:norace
func (g *Goroutine) unblock() { g.blocked.turn.Add(1) }

// reading is what was read of a goroutine at one moment.
type reading struct {
	g       *Goroutine
	id      uint64
	creator uintptr
	turn    uint64
	op      WaitOp
	lock    *lockRecord
	mode    lockorder.Mode
	cases   []WaitCase
	holds   []hold
	owes    *groupRecord
	parent  uint64
	dones   int // of a wait for a wait group
	stack   callers.Short
	since   time.Time // when the scanner saw it first
	started uint64    // in ticks, 0 if unknown
	// unseen is the goroutine as a census has it, if it waits in a way that the engine does
	// not see; else nil.
	unseen *dump.Goroutine
}

// readBlocked reads what g has published. It returns false if g is not blocked, or not any
// more at the end.
//
//go:norace
func (g *Goroutine) readBlocked() (s reading, ok bool) {
	b := &g.blocked
	s.turn = b.turn.Load()
	if s.turn%2 == 0 {
		return s, false
	}
	s.g, s.id, s.creator, s.op, s.lock, s.mode, s.owes = g, g.identity(), g.creator, b.op, b.lock, b.mode, g.owes
	s.started, s.dones, s.parent = b.since, b.dones, g.parent
	count, held, table := b.count, g.n, g.table.Load()
	more := b.more.Load()
	if b.turn.Load() != s.turn || g.endedAs(s.id) {
		return s, false
	}
	//lint:ignore S1001 a copy of the whole could tell the race detector of the read
	for i := range b.stack {
		s.stack[i] = b.stack[i]
	}
	for i := range min(count, FewCases) {
		s.cases = append(s.cases, b.few[i])
	}
	if count > FewCases {
		s.cases = append(s.cases, *more...)
	}
	for i := range held {
		s.holds = append(s.holds, table.hold(i)) // held is at most its length: both were read in one turn
	}
	return s, b.turn.Load() == s.turn
}
