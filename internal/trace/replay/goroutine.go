package replay

import (
	"strings"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// Goroutine is what is known about a live goroutine. Passes read it only.
type Goroutine struct {
	// Slot is dense and small: an index for state per live goroutine. See stream.GID.
	Slot stream.GID
	// ID is the runtime's id, never used twice.
	ID uint64
	// Entry is the function that it runs, at the line first seen there; 0 if not known.
	Entry stream.FrameID
	// Creation is the creator's stack at the go statement; 0 if it lived Before.
	Creation stream.StackID
	// Creator is the creator's runtime id, 0 if not known.
	Creator uint64
	// By is the creator's slot; it is the creator's during the Create call only.
	By stream.GID
	// Born is when it was created, 0 if it lived Before.
	Born int64
	// Before says that it existed when the trace began.
	Before bool
	// System says that it is the runtime's or the tracer's own. It can turn true when
	// Entry becomes known.
	System bool
	// Live is false for a record without a goroutine.
	Live bool

	// State, since Since, is what it does now. Stack and Reason are where and why it
	// stopped running; while it runs they are those of its last stop.
	State  stream.State
	Since  int64
	Reason stream.Reason
	Stack  stream.StackID

	// Spent is what its time went to, without the present stay; at Open with it. It is
	// all zero for one that has not changed its state in the trace, and Acted is false.
	Spent Times
	Acted bool
	// Yielded says that it ran when it last became Runnable: it was preempted, or gave
	// its processor up.
	Yielded bool

	counted   stream.State // as what the crowd counts it
	fromStart bool         // Since is a lower bound
	waitSince int64        // when the stay before a Runnable one began
	wrapped   bool         // Entry may still be improved by a stack
}

// systemPrefixes are the entry functions of goroutines that are not the user's.
// runtime.main is: it runs main.main.
var systemPrefixes = []string{"runtime.", "runtime/trace.", "runtime/pprof.profileWriter", "os/signal.loop"}

// isSystem follows the convention of Go's own internal/trace.IsSystemGoroutine and
// adds the goroutines that exist because the program is traced or profiled.
func isSystem(entry string) bool {
	if entry == "runtime.main" {
		return false
	}
	for _, prefix := range systemPrefixes {
		if strings.HasPrefix(entry, prefix) {
			return true
		}
	}
	return false
}

// learn improves the entry function from a stack of the goroutine's own. A system
// goroutine's entry is known and stays: all its frames are machinery, but for those
// of what it calls (the tracer's own writer would become os.(*File).Write).
func (g *Goroutine) learn(t *stream.Tables, stack stream.StackID) {
	if !g.wrapped || g.System || stack == 0 {
		return
	}
	g.wrapped = false
	frames := t.FrameIDs(stack)
	if outermost := frames[len(frames)-1]; isSystem(t.Frame(outermost).Func) {
		g.setEntry(t, outermost) // a finalizer runs user code on the runtime's goroutine
		return
	}
	root := t.Root(stack)
	if f := t.Frame(root); g.Entry != 0 && f.Machinery {
		return // the stack knows no better
	}
	g.setEntry(t, root)
}

func (g *Goroutine) setEntry(t *stream.Tables, entry stream.FrameID) {
	g.Entry = entry
	g.System = isSystem(t.Frame(entry).Func)
}

// PerG is a pass's state for each live goroutine. The zero value is ready.
type PerG[T any] struct{ slots []T }

// At returns the goroutine's state, zero at first. The pointer holds until the next
// call of At.
func (p *PerG[T]) At(g *Goroutine) *T {
	if int(g.Slot) >= len(p.slots) {
		p.slots = append(p.slots, make([]T, int(g.Slot)+1-len(p.slots))...)
	}
	return &p.slots[g.Slot]
}

// All returns the state of all slots, for a pass that must look through them. It
// holds until the next call of At.
func (p *PerG[T]) All() []T { return p.slots }

// Clear drops the goroutine's state; passes call it from Exit.
func (p *PerG[T]) Clear(g *Goroutine) {
	if int(g.Slot) < len(p.slots) {
		p.slots[g.Slot] = *new(T)
	}
}
