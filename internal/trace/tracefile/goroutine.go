package tracefile

import "github.com/concdoctor/concdoctor/internal/trace/stream"

// goroutine is what the order of events depends on. A record without a status may
// have a slot all the same: a CPU sample named a goroutine that nothing else did.
type goroutine struct {
	id     uint64
	seq    uint64
	gen    uint32
	status stream.State // NoState: it does not exist
	// own is nil for the most of them.
	own *belongings
}

// belongings are what was begun on a goroutine and not ended.
type belongings struct {
	regions []region
	stops   []uint64 // by string id, as the trace has it
	assists bool
}

type region struct {
	task uint64
	name stream.StringID
}

// succeeds reports whether the number is the next of the goroutine's.
func (g *goroutine) succeeds(gen uint32, seq uint64) bool { return g.gen == gen && seq == g.seq+1 }

func (g *goroutine) belongings() *belongings {
	if g.own == nil {
		g.own = new(belongings)
	}
	return g.own
}

// statuses maps the format's numbers; its 0 is no status.
var statuses = [...]stream.State{stream.NoState, stream.Runnable, stream.Running, stream.Syscall, stream.Waiting}

// find returns the goroutine and its slot, nil if it does not exist.
func (d *Decoder) find(id uint64) (*goroutine, stream.GID) {
	slot := d.slots.Lookup(id)
	if g := &d.gs[slot]; g.status != stream.NoState {
		return g, slot
	}
	return nil, 0
}

// take makes the goroutine of an id, which must not exist, in the slot that it has
// or a new one.
func (d *Decoder) take(id uint64, status stream.State) (*goroutine, stream.GID) {
	slot := d.slots.Lookup(id)
	if slot == 0 {
		slot = d.slots.Take(id)
	}
	for int(slot) >= len(d.gs) {
		d.gs = append(d.gs, goroutine{})
	}
	g := &d.gs[slot]
	g.id, g.gen, g.seq, g.status = id, d.gen.index, 0, status
	return g, slot
}

// drop ends a goroutine.
func (d *Decoder) drop(g *goroutine) {
	d.slots.Drop(g.id)
	g.status = stream.NoState
	if o := g.own; o != nil {
		*o = belongings{regions: o.regions[:0], stops: o.stops[:0]}
	}
}

// own returns the goroutine that the thread is bound to, nil if there is none.
func (d *Decoder) own(m *thread) *goroutine {
	if g := &d.gs[m.slot]; g.id == m.g && g.status != stream.NoState {
		return g
	}
	return nil
}

// noProc is the processor of a thread that has none.
const noProc = ^uint64(0)

// runs returns the goroutine that runs on the thread, nil if none does: the event
// is broken then.
func (d *Decoder) runs(m *thread) *goroutine {
	if g := d.own(m); g != nil && g.status == stream.Running && m.proc.id != noProc {
		return g
	}
	d.fail(m, "no goroutine runs there")
	return nil
}

// user returns the goroutine of the thread, which must have a processor, too, for
// whatever user code does. It is nil if the event is broken.
func (d *Decoder) user(m *thread) *goroutine {
	if g := d.own(m); g != nil && m.proc.id != noProc {
		return g
	}
	d.fail(m, "its thread has no processor or no goroutine")
	return nil
}

// unbind takes the goroutine off the thread.
func (m *thread) unbind() { m.slot, m.g = 0, 0 }

// bind puts a goroutine on the thread.
func (m *thread) bind(g uint64, slot stream.GID) {
	if !m.none {
		m.slot, m.g = slot, g
	}
}

func (d *Decoder) goCreate(m *thread) verdict {
	id, start, creator := m.uvarint(), m.uvarint(), m.uvarint()
	if m.proc.id == noProc {
		return d.fail(m, "its thread has no processor")
	}
	if by := d.own(m); by != nil && by.status != stream.Running {
		return d.fail(m, "goroutine %d creates another one and does not run", by.id)
	}
	to := stream.Runnable
	if m.kind == evGoCreateBlocked {
		to = stream.Waiting
	}
	return d.created(m, id, to, start, creator)
}

func (d *Decoder) goCreateSyscall(m *thread) verdict {
	id := m.uvarint()
	if m.none || m.g != 0 {
		return d.fail(m, "its thread is none, or busy with goroutine %d", m.g)
	}
	v := d.created(m, id, stream.Syscall, 0, 0)
	m.bind(id, d.slots.Lookup(id))
	return v
}

func (d *Decoder) created(m *thread, id uint64, to stream.State, start, creator uint64) verdict {
	if g, _ := d.find(id); g != nil || int64(id) <= 0 {
		return d.fail(m, "goroutine %d exists", id)
	}
	stack, ok := d.callee(start)
	byStack, ok2 := d.callee(creator)
	if !ok || !ok2 {
		return d.fail(m, "it names a stack that is not there")
	}
	_, slot := d.take(id, to)
	ev := d.emit(m, stream.GoCreate)
	ev.G, ev.Arg, ev.To, ev.Reason = slot, id, to, stream.Created
	ev.Stack, ev.ByStack = stack, byStack
	if d.own(m) != nil {
		ev.By = m.slot
	}
	if to == stream.Syscall {
		ev.Reason = stream.InSyscall
	}
	d.transitions++
	return advanced
}

func (d *Decoder) goStart(m *thread) verdict {
	id, seq := m.uvarint(), m.uvarint()
	slot := d.slots.Lookup(id)
	g := &d.gs[slot]
	if g.status != stream.Runnable || !g.succeeds(d.gen.index, seq) {
		return notYet
	}
	if m.proc.id == noProc || m.g != 0 {
		return d.fail(m, "its thread has no processor, or is busy with goroutine %d", m.g)
	}
	g.seq, g.status = seq, stream.Running
	d.change(m, slot, stream.Runnable, stream.Running)
	m.slot, m.g = slot, id
	return advanced
}

// change appends a change of state.
func (d *Decoder) change(m *thread, slot stream.GID, from, to stream.State) *stream.Event {
	d.transitions++
	ev := d.emit(m, stream.GoState)
	ev.G, ev.From, ev.To = slot, from, to
	return ev
}

func (d *Decoder) goDestroy(m *thread) verdict {
	g := d.runs(m)
	if g == nil {
		return broken
	}
	d.exit(m, g)
	return advanced
}

// exit ends the goroutine of the thread.
func (d *Decoder) exit(m *thread, g *goroutine) {
	d.transitions++
	ev := d.emit(m, stream.GoExit)
	ev.G, ev.From = m.slot, g.status
	d.drop(g)
	m.unbind()
}

func (d *Decoder) goStop(m *thread) verdict { return d.stop(m, stream.Runnable) }

func (d *Decoder) goBlock(m *thread) verdict { return d.stop(m, stream.Waiting) }

func (d *Decoder) stop(m *thread, to stream.State) verdict {
	text, at := m.uvarint(), m.uvarint()
	g := d.runs(m)
	if g == nil {
		return broken
	}
	stack, ok := d.callee(at)
	reason, ok2 := d.reason(text, stack)
	if !ok || !ok2 {
		return d.fail(m, "it names a stack or string that is not there")
	}
	g.status = to
	ev := d.change(m, m.slot, stream.Running, to)
	ev.Stack, ev.Reason = stack, reason
	m.unbind()
	return advanced
}

func (d *Decoder) goUnblock(m *thread) verdict {
	id, seq, at := m.uvarint(), m.uvarint(), m.uvarint()
	slot := d.slots.Lookup(id)
	g := &d.gs[slot]
	if g.status != stream.Waiting || !g.succeeds(d.gen.index, seq) {
		return notYet
	}
	stack, ok := d.callee(at)
	if !ok {
		return d.fail(m, "it names a stack that is not there")
	}
	g.seq, g.status = seq, stream.Runnable
	ev := d.change(m, slot, stream.Waiting, stream.Runnable)
	if d.own(m) != nil {
		ev.By, ev.ByStack = m.slot, stack
	}
	return advanced
}

// goSwitch is three events in one: the running goroutine wakes the next, stops or
// ends, and the next runs in its place.
func (d *Decoder) goSwitch(m *thread) verdict {
	id, seq := m.uvarint(), m.uvarint()
	g := d.runs(m)
	if g == nil {
		return broken
	}
	next, slot := d.find(id)
	if next == nil || next.status != stream.Waiting || !next.succeeds(d.gen.index, seq) {
		return notYet
	}
	next.seq, next.status = seq, stream.Running
	d.change(m, slot, stream.Waiting, stream.Runnable).By = m.slot
	d.now++
	if m.kind == evGoSwitchDestroy {
		d.exit(m, g)
	} else {
		g.status = stream.Waiting
		d.change(m, m.slot, stream.Running, stream.Waiting).Reason = d.symbols.Waits(0)
		m.unbind()
	}
	d.now++
	d.change(m, slot, stream.Runnable, stream.Running)
	m.bind(id, slot)
	return advanced
}

func (d *Decoder) syscallBegin(m *thread) verdict {
	seq, at := m.uvarint(), m.uvarint()
	g := d.runs(m)
	if g == nil {
		return broken
	}
	p := m.proc
	if !p.succeeds(d.gen.index, seq) {
		return d.fail(m, "processor %d is not at that point", p.id)
	}
	stack, ok := d.callee(at)
	if !ok {
		return d.fail(m, "it names a stack that is not there")
	}
	p.seq, p.status = seq, procSyscall
	g.status = stream.Syscall
	ev := d.change(m, m.slot, stream.Running, stream.Syscall)
	ev.Stack, ev.Reason = stack, stream.InSyscall
	return advanced
}

// called returns the goroutine that is in a system call on the thread, nil if none
// is: the event is broken then.
func (d *Decoder) called(m *thread) *goroutine {
	if g := d.own(m); g != nil && g.status == stream.Syscall {
		return g
	}
	d.fail(m, "no goroutine is in a system call there")
	return nil
}

func (d *Decoder) syscallEnd(m *thread) verdict {
	g := d.called(m)
	if g == nil {
		return broken
	}
	if m.proc.status != procSyscall {
		return d.fail(m, "its thread's processor is in no system call")
	}
	m.proc.status = procRunning
	g.status = stream.Running
	d.change(m, m.slot, stream.Syscall, stream.Running)
	return advanced
}

// syscallEndBlocked ends a system call in which the goroutine lost its processor.
// That must have been seen.
func (d *Decoder) syscallEndBlocked(m *thread) verdict {
	if m.proc.status == procSyscall {
		return notYet
	}
	g := d.called(m)
	if g == nil {
		return broken
	}
	g.status = stream.Runnable
	d.change(m, m.slot, stream.Syscall, stream.Runnable)
	m.unbind()
	return advanced
}

// goDestroySyscall ends a goroutine that a thread of C's made for a callback. The
// thread's id may be used again, so that it loses its processor, too.
func (d *Decoder) goDestroySyscall(m *thread) verdict {
	g := d.called(m)
	if g == nil {
		return broken
	}
	if p := m.proc; p.id != noProc {
		if p.status != procSyscall {
			return d.fail(m, "its thread's processor is in no system call")
		}
		p.status = procAbandoned
		d.transitions++
		d.emit(m, stream.ProcStop).Arg = p.id
		d.now++
	}
	d.exit(m, g)
	m.proc = &d.noProc
	return advanced
}
