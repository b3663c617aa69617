package tracefile

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
	"github.com/concdoctor/concdoctor/internal/trace/symbol"
)

// dispatch applies the next event of a thread, if it can come now. The kinds that
// make up nearly all of a trace are called directly.
func (d *Decoder) dispatch(m *thread) verdict {
	switch m.kind {
	case evSyscallBegin:
		return d.syscallBegin(m)
	case evSyscallEnd:
		return d.syscallEnd(m)
	case evGoStart:
		return d.goStart(m)
	case evGoUnblock:
		return d.goUnblock(m)
	case evGoBlock:
		return d.goBlock(m)
	}
	if f := handlers[m.kind].apply; f != nil {
		return f(d, m)
	}
	return d.fail(m, "it has no place among a thread's events")
}

// handler is how an event is applied and how many numbers it has, its time included.
type handler struct {
	apply   func(*Decoder, *thread) verdict
	numbers int
}

var handlers, arguments = makeHandlers()

// makeHandlers also returns the numbers alone, which a cursor looks at.
func makeHandlers() (all [256]handler, numbers [256]int) {
	all = [256]handler{
		evProcsChange: {(*Decoder).procsChange, 3},
		evProcStart:   {(*Decoder).procStart, 3},
		evProcStop:    {(*Decoder).procStop, 1},
		evProcSteal:   {(*Decoder).procSteal, 4},
		evProcStatus:  {(*Decoder).procStatus, 3},

		evGoCreate:        {(*Decoder).goCreate, 4},
		evGoCreateBlocked: {(*Decoder).goCreate, 4},
		evGoCreateSyscall: {(*Decoder).goCreateSyscall, 2},
		evGoStart:         {(*Decoder).goStart, 3},
		evGoDestroy:       {(*Decoder).goDestroy, 1},
		evGoDestroySys:    {(*Decoder).goDestroySyscall, 1},
		evGoStop:          {(*Decoder).goStop, 3},
		evGoBlock:         {(*Decoder).goBlock, 3},
		evGoUnblock:       {(*Decoder).goUnblock, 4},
		evSyscallBegin:    {(*Decoder).syscallBegin, 3},
		evSyscallEnd:      {(*Decoder).syscallEnd, 1},
		evSyscallEndBlock: {(*Decoder).syscallEndBlocked, 1},
		evGoStatus:        {(*Decoder).goStatus, 4},
		evGoStatusStack:   {(*Decoder).goStatus, 5},
		evGoSwitch:        {(*Decoder).goSwitch, 3},
		evGoSwitchDestroy: {(*Decoder).goSwitch, 3},

		evSTWBegin:     {(*Decoder).stopBegin, 3},
		evSTWEnd:       {(*Decoder).stopEnd, 1},
		evGCActive:     {(*Decoder).gcActive, 2},
		evGCBegin:      {(*Decoder).gcBegin, 3},
		evGCEnd:        {(*Decoder).gcEnd, 2},
		evSweepActive:  {(*Decoder).sweepActive, 2},
		evSweepBegin:   {(*Decoder).sweepBegin, 2},
		evSweepEnd:     {(*Decoder).sweepEnd, 3},
		evAssistActive: {(*Decoder).assistActive, 2},
		evAssistBegin:  {(*Decoder).assistBegin, 2},
		evAssistEnd:    {(*Decoder).assistEnd, 1},
		evHeapAlloc:    {(*Decoder).heap, 2},
		evHeapGoal:     {(*Decoder).heap, 2},

		evGoLabel:     {(*Decoder).label, 2},
		evTaskBegin:   {(*Decoder).taskBegin, 5},
		evTaskEnd:     {(*Decoder).taskEnd, 3},
		evRegionBegin: {(*Decoder).regionBegin, 4},
		evRegionEnd:   {(*Decoder).regionEnd, 4},
		evLog:         {(*Decoder).log, 5},
	}
	for i, n := range allocArgs {
		all[evAllocFirst+kind(i)] = handler{(*Decoder).alloc, n + 1}
	}
	for k := range all {
		numbers[k] = all[k].numbers
	}
	return all, numbers
}

// String returns the format's name of the event.
func (k kind) String() string {
	if name := names[k]; name != "" {
		return name
	}
	return fmt.Sprintf("event %d", uint8(k))
}

// emit appends an event of the stream at the current time and the thread's place. It
// holds until the next call.
func (d *Decoder) emit(m *thread, k stream.Kind) *stream.Event {
	if m.dense == 0 && !m.none {
		d.dense++
		m.dense = d.dense
	}
	ev := &d.events[d.n]
	d.n++
	*ev = stream.Event{Time: d.now - d.base, Kind: k, Proc: int32(m.proc.id), Thread: m.dense}
	return ev
}

// callee returns the stream's id of a stack. It fails for one that the generation
// does not have.
func (d *Decoder) callee(id uint64) (stream.StackID, bool) {
	if id == 0 {
		return 0, true
	}
	s := d.gen.stacks.get(id)
	if s == nil {
		return 0, false
	}
	if s.id == 0 {
		d.resolve(s)
	}
	return s.id - 1, true
}

// resolve gives a stack its id in the stream.
func (d *Decoder) resolve(s *stack) {
	c := s.cutter()
	d.symbols.Begin()
	for range s.count {
		pc, fn, file, line := c.uvarint(), c.uvarint(), c.uvarint(), c.uvarint()
		d.symbols.Add(pc, finding.Frame{Func: d.gen.text(fn), File: d.gen.text(file), Line: int(line)})
	}
	s.id = d.symbols.End() + 1
}

// has reports whether the generation has the stack, for events whose stack the
// stream does not carry.
func (d *Decoder) has(stack uint64) bool { return stack == 0 || d.gen.stacks.get(stack) != nil }

// reason returns why a goroutine stopped. It fails for a string that the generation
// does not have.
func (d *Decoder) reason(id uint64, at stream.StackID) (stream.Reason, bool) {
	var known stream.Reason
	if id != 0 {
		w := d.gen.strings.get(id)
		if w == nil {
			return 0, false
		}
		if w.reason == 0 {
			w.reason = uint8(symbol.Stop(w.text)) + 1
		}
		known = stream.Reason(w.reason - 1)
	}
	if known == stream.NoReason {
		known = d.symbols.Waits(at)
	}
	return known, true
}
