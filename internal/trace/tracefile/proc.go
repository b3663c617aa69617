package tracefile

import "github.com/concdoctor/concdoctor/internal/trace/stream"

func (d *Decoder) procStart(m *thread) verdict {
	id, seq := m.uvarint(), m.uvarint()
	p := d.procs[id]
	if p == nil || p.status != procIdle || !p.succeeds(d.gen.index, seq) || m.proc.id != noProc {
		return notYet
	}
	if m.none {
		return d.fail(m, "it happens on no thread")
	}
	p.seq, p.status = seq, procRunning
	d.transitions++
	d.emit(m, stream.ProcStart).Arg = id
	m.proc = p
	return advanced
}

func (d *Decoder) procStop(m *thread) verdict {
	p := m.proc
	if p.status != procRunning && p.status != procSyscall {
		return d.fail(m, "its thread has no processor that could stop")
	}
	p.status = procIdle
	d.transitions++
	d.emit(m, stream.ProcStop).Arg = p.id
	m.proc = &d.noProc
	return advanced
}

// procSteal takes the processor of a thread in a system call, possibly its own.
func (d *Decoder) procSteal(m *thread) verdict {
	id, seq, from := m.uvarint(), m.uvarint(), m.uvarint()
	p := d.procs[id]
	if p == nil || p.status != procSyscall && p.status != procAbandoned || !p.succeeds(d.gen.index, seq) {
		return notYet
	}
	if m.none {
		return d.fail(m, "it happens on no thread")
	}
	was := p.status
	p.seq, p.status = seq, procIdle
	d.transitions++
	if was == procAbandoned {
		return advanced // it was idle already, as far as is known
	}
	robbed := d.threads[from]
	if robbed == nil || !robbed.known || robbed.proc != p {
		return d.fail(m, "thread %d does not have processor %d", from, id)
	}
	d.emit(m, stream.ProcStop).Arg = id
	robbed.proc = &d.noProc
	return advanced
}

// procStatus is the first mention of a processor in a generation.
func (d *Decoder) procStatus(m *thread) verdict {
	id, status := m.uvarint(), m.uvarint()
	if status == uint64(procNone) || status > uint64(procAbandoned) || id == noProc {
		return d.fail(m, "processor %d has the status %d", id, status)
	}
	to := procStatus(status)
	binds := to == procRunning || to == procSyscall
	d.transitions++
	p := d.procs[id]
	if p == nil {
		p = &proc{id: id, status: to}
		d.procs[id] = p
		if binds {
			d.emit(m, stream.ProcStart).Arg = id
		}
	} else if v := d.sameStatus(m, p, to); v != advanced {
		return v
	}
	p.gen, p.seq = d.gen.index, 0
	if binds && !m.none {
		m.proc = p
	}
	return advanced
}

// sameStatus checks a status that is repeated. It has not changed, but that the
// thread of one in a system call may be lost when it is about to be stolen.
func (d *Decoder) sameStatus(m *thread, p *proc, to procStatus) verdict {
	switch {
	case to == p.status:
		return advanced
	case to != procAbandoned || p.status != procSyscall:
		return d.fail(m, "processor %d has the status %d, and had %d", p.id, to, p.status)
	}
	for _, other := range d.threads {
		if other.proc == p {
			return advanced
		}
	}
	return d.fail(m, "processor %d is in a system call on no thread", p.id)
}

// goStatus is the first mention of a goroutine in a generation. That it exists
// is news in the first generation only.
func (d *Decoder) goStatus(m *thread) verdict {
	id, on, status := m.uvarint(), m.uvarint(), m.uvarint()
	var at uint64
	if m.kind == evGoStatusStack {
		at = m.uvarint()
	}
	if status == 0 || status >= uint64(len(statuses)) || int64(id) <= 0 {
		return d.fail(m, "goroutine %d has the status %d", id, status)
	}
	to := statuses[status]
	stack, ok := d.callee(at)
	if !ok {
		return d.fail(m, "it names a stack that is not there")
	}
	d.transitions++
	g, slot := d.find(id)
	isNew := g == nil
	switch {
	case isNew && d.gen.index > 1:
		return d.fail(m, "goroutine %d was not there before", id)
	case isNew:
		g, slot = d.take(id, to)
	case g.status != to:
		return d.fail(m, "goroutine %d is %v, and was %v", id, to, g.status)
	}
	g.gen, g.seq = d.gen.index, 0
	place := m
	switch to {
	case stream.Syscall:
		if place = d.placeOf(m, on, id, slot); place == nil {
			return broken
		}
	}
	if isNew {
		d.seen(m, place, slot, stack)
	}
	switch to {
	case stream.Running:
		m.bind(id, slot)
	case stream.Syscall:
		if place == m {
			m.bind(id, slot)
		}
	}
	return advanced
}

// placeOf returns the thread on which a goroutine is in a system call, nil if the
// event is broken. It may have been there for longer than the trace and then has no
// processor.
func (d *Decoder) placeOf(m *thread, on, id uint64, slot stream.GID) *thread {
	if on == noThread {
		d.fail(m, "goroutine %d is in a system call on no thread", id)
		return nil
	}
	place := d.thread(on)
	isFirst := d.gen.index == 1
	switch {
	case place == m && (isFirst || m.g == id):
	case place != m && place.known && place.g == id:
	case place != m && !place.known:
		place.known = true
		place.bind(id, slot)
	default:
		d.fail(m, "goroutine %d is in a system call on thread %d, which has goroutine %d", id, on, place.g)
		return nil
	}
	return place
}

// seen appends the first sight of a goroutine that lived before the trace.
func (d *Decoder) seen(m, place *thread, slot stream.GID, stack stream.StackID) {
	g := &d.gs[slot]
	ev := d.emit(place, stream.GoStatus)
	ev.Proc = int32(m.proc.id)
	ev.G, ev.Arg, ev.To, ev.Stack = slot, g.id, g.status, stack
	switch g.status {
	case stream.Syscall:
		ev.Reason = stream.InSyscall
	case stream.Waiting:
		ev.Reason = d.symbols.Waits(stack)
	}
}
