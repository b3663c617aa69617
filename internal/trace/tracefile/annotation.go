package tracefile

import "github.com/concdoctor/concdoctor/internal/trace/stream"

// word returns the stream's id of a string. It fails for one that the generation
// does not have.
func (d *Decoder) word(id uint64) (stream.StringID, bool) {
	if !d.gen.hasString(id) {
		return 0, false
	}
	return d.symbols.Text(d.gen.text(id)), true
}

// annotate appends what user code on the thread wrote.
func (d *Decoder) annotate(m *thread, k stream.Kind, arg uint64, text stream.StringID) verdict {
	ev := d.emit(m, k)
	ev.G, ev.Arg, ev.Text = m.slot, arg, text
	return advanced
}

func (d *Decoder) label(m *thread) verdict {
	id := m.uvarint()
	if d.user(m) == nil {
		return broken
	}
	text, ok := d.word(id)
	if !ok {
		return d.fail(m, "it names a string that is not there")
	}
	return d.annotate(m, stream.Label, 0, text)
}

// taskBegin begins a task. An end may come without a begin, and more than once.
func (d *Decoder) taskBegin(m *thread) verdict {
	id, _, name, at := m.uvarint(), m.uvarint(), m.uvarint(), m.uvarint()
	if d.user(m) == nil {
		return broken
	}
	if d.tasks[id] {
		return d.fail(m, "task %d begins twice", id)
	}
	text, ok := d.word(name)
	if !ok || !d.has(at) {
		return d.fail(m, "it names a stack or string that is not there")
	}
	d.tasks[id] = true
	return d.annotate(m, stream.TaskBegin, id, text)
}

func (d *Decoder) taskEnd(m *thread) verdict {
	id, at := m.uvarint(), m.uvarint()
	if d.user(m) == nil {
		return broken
	}
	if !d.has(at) {
		return d.fail(m, "it names a stack that is not there")
	}
	delete(d.tasks, id)
	return d.annotate(m, stream.TaskEnd, id, 0)
}

func (d *Decoder) regionBegin(m *thread) verdict {
	r, own, v := d.region(m)
	if own == nil {
		return v
	}
	own.regions = append(own.regions, r)
	return d.annotate(m, stream.RegionBegin, r.task, r.name)
}

// regionEnd ends the innermost region, or one that began before the trace.
func (d *Decoder) regionEnd(m *thread) verdict {
	r, own, v := d.region(m)
	if own == nil {
		return v
	}
	if n := len(own.regions); n > 0 {
		if own.regions[n-1] != r {
			return d.fail(m, "it ends a region that is not the innermost of goroutine %d", m.g)
		}
		own.regions = own.regions[:n-1]
	}
	return d.annotate(m, stream.RegionEnd, r.task, r.name)
}

// region reads the region that an event names, and what its goroutine has; nil if the
// event fails.
func (d *Decoder) region(m *thread) (region, *belongings, verdict) {
	task, name, at := m.uvarint(), m.uvarint(), m.uvarint()
	g := d.user(m)
	if g == nil {
		return region{}, nil, broken
	}
	text, ok := d.word(name)
	if !ok || !d.has(at) {
		return region{}, nil, d.fail(m, "it names a stack or string that is not there")
	}
	return region{task, text}, g.belongings(), advanced
}

func (d *Decoder) log(m *thread) verdict {
	task, category, message, at := m.uvarint(), m.uvarint(), m.uvarint(), m.uvarint()
	if d.user(m) == nil {
		return broken
	}
	text, ok := d.word(message)
	of, ok2 := d.word(category)
	if !ok || !ok2 || !d.has(at) {
		return d.fail(m, "it names a stack or string that is not there")
	}
	ev := d.emit(m, stream.Log)
	ev.G, ev.Arg, ev.Text, ev.Category = m.slot, task, text, of
	return advanced
}

// takeSample appends the next CPU sample. It may name a goroutine that nothing else
// does, or that has ended.
func (d *Decoder) takeSample() error {
	s := &d.gen.samples[d.sample]
	if s.time < 0 || s.time > d.limit {
		return errClock
	}
	d.sample++
	d.nextSample()
	d.clock(s.time)
	m := thread{none: s.thread == noThread, proc: &proc{id: s.proc}}
	if !m.none {
		t := d.thread(s.thread)
		if t.dense == 0 {
			d.dense++
			t.dense = d.dense
		}
		m.dense = t.dense
	}
	stack, ok := d.callee(s.callee)
	if !ok {
		stack = 0
	}
	ev := d.emit(&m, stream.CPUSample)
	ev.Stack = stack
	if int64(s.goroutine) <= 0 {
		return nil
	}
	slot := d.slots.Lookup(s.goroutine)
	if slot == 0 {
		_, slot = d.take(s.goroutine, stream.NoState)
		*ev = stream.Event{Time: ev.Time, Kind: stream.GoStatus, Proc: ev.Proc, Thread: ev.Thread, G: slot, Arg: s.goroutine}
		ev = d.emit(&m, stream.CPUSample)
		ev.Stack = stack
	}
	ev.G = slot
	return nil
}
