package tracefile

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// gcState is what the collector does.
type gcState uint8

const (
	gcUnknown gcState = iota // the trace has not shown it
	gcOff
	gcOn
)

// span appends the begin or end of the runtime's own work.
func (d *Decoder) span(m *thread, k stream.Kind, what stream.Range, slot stream.GID) verdict {
	ev := d.emit(m, k)
	ev.G, ev.Range = slot, what
	return advanced
}

// stopBegin begins a stop of the world, of which there are kinds.
func (d *Decoder) stopBegin(m *thread) verdict {
	why, at := m.uvarint(), m.uvarint()
	g := d.user(m)
	if g == nil {
		return broken
	}
	if !d.has(at) || !d.gen.hasString(why) {
		return d.fail(m, "it names a stack or string that is not there")
	}
	own := g.belongings()
	if slices.Contains(own.stops, why) {
		return d.fail(m, "goroutine %d stops the world twice", g.id)
	}
	own.stops = append(own.stops, why)
	return d.span(m, stream.RangeBegin, stream.StopTheWorld, m.slot)
}

func (d *Decoder) stopEnd(m *thread) verdict {
	g := d.user(m)
	if g == nil {
		return broken
	}
	own := g.belongings()
	if len(own.stops) == 0 {
		return d.fail(m, "goroutine %d does not stop the world", g.id)
	}
	own.stops[0] = own.stops[len(own.stops)-1]
	own.stops = own.stops[:len(own.stops)-1]
	return d.span(m, stream.RangeEnd, stream.StopTheWorld, m.slot)
}

func (d *Decoder) assistBegin(m *thread) verdict {
	at := m.uvarint()
	g := d.user(m)
	if g == nil {
		return broken
	}
	if !d.has(at) {
		return d.fail(m, "it names a stack that is not there")
	}
	if g.belongings().assists {
		return d.fail(m, "goroutine %d assists twice", g.id)
	}
	g.own.assists = true
	return d.span(m, stream.RangeBegin, stream.GCAssist, m.slot)
}

// assistActive says in a new generation what is under way.
func (d *Decoder) assistActive(m *thread) verdict {
	id := m.uvarint()
	g, slot := d.find(id)
	isFirst := d.gen.index == 1
	if g == nil || g.belongings().assists == isFirst {
		return d.fail(m, "goroutine %d is not where it was", id)
	}
	g.own.assists = true
	return d.span(m, stream.RangeBegin, stream.GCAssist, slot)
}

func (d *Decoder) assistEnd(m *thread) verdict {
	g := d.user(m)
	if g == nil {
		return broken
	}
	if !g.belongings().assists {
		return d.fail(m, "goroutine %d does not assist", g.id)
	}
	g.own.assists = false
	return d.span(m, stream.RangeEnd, stream.GCAssist, m.slot)
}

func (d *Decoder) sweepBegin(m *thread) verdict {
	at := m.uvarint()
	if p := m.proc; p.id == noProc || p.sweeps {
		return d.fail(m, "its thread has no processor, or that one sweeps already")
	}
	if !d.has(at) {
		return d.fail(m, "it names a stack that is not there")
	}
	m.proc.sweeps = true
	return d.span(m, stream.RangeBegin, stream.GCSweep, 0)
}

func (d *Decoder) sweepActive(m *thread) verdict {
	id := m.uvarint()
	p := d.procs[id]
	isFirst := d.gen.index == 1
	if p == nil || p.sweeps == isFirst {
		return d.fail(m, "processor %d is not where it was", id)
	}
	p.sweeps = true
	return d.span(m, stream.RangeBegin, stream.GCSweep, 0)
}

func (d *Decoder) sweepEnd(m *thread) verdict {
	m.uvarint() // swept
	m.uvarint() // reclaimed
	if p := m.proc; p.id == noProc || !p.sweeps {
		return d.fail(m, "its thread has no processor that sweeps")
	}
	m.proc.sweeps = false
	return d.span(m, stream.RangeEnd, stream.GCSweep, 0)
}

// gcActive says in a new generation that the collector marks.
func (d *Decoder) gcActive(m *thread) verdict {
	seq := m.uvarint()
	switch {
	case d.gen.index == 1 && d.gc != gcUnknown:
		return d.fail(m, "it is not the first of the collector's events")
	case d.gen.index == 1:
	case seq != d.gcSeq+1:
		return notYet
	case d.gc != gcOn:
		return d.fail(m, "the collector does not mark")
	case d.user(m) == nil:
		return broken
	}
	return d.marks(m, seq)
}

// marks begins a phase of marking, which has the number seq among the collector's events.
func (d *Decoder) marks(m *thread, seq uint64) verdict {
	d.gc, d.gcSeq = gcOn, seq
	return d.span(m, stream.RangeBegin, stream.GCMark, 0)
}

func (d *Decoder) gcBegin(m *thread) verdict {
	seq, at := m.uvarint(), m.uvarint()
	switch {
	case d.gc == gcUnknown:
	case seq != d.gcSeq+1:
		return notYet
	case d.gc == gcOn:
		return d.fail(m, "the collector marks already")
	case d.user(m) == nil:
		return broken
	}
	if !d.has(at) {
		return d.fail(m, "it names a stack that is not there")
	}
	return d.marks(m, seq)
}

func (d *Decoder) gcEnd(m *thread) verdict {
	seq := m.uvarint()
	switch {
	case seq != d.gcSeq+1:
		return notYet
	case d.gc != gcOn:
		return d.fail(m, "the collector does not mark")
	case d.user(m) == nil:
		return broken
	}
	d.gc, d.gcSeq = gcOff, seq
	return d.span(m, stream.RangeEnd, stream.GCMark, 0)
}

// heap is the size of the heap, or what the collector wants it to be.
func (d *Decoder) heap(m *thread) verdict {
	bytes := m.uvarint()
	if m.proc.id == noProc {
		return d.fail(m, "its thread has no processor")
	}
	what := stream.HeapAlloc
	if m.kind == evHeapGoal {
		what = stream.HeapGoal
	}
	d.emit(m, what).Arg = bytes
	return advanced
}

func (d *Decoder) procsChange(m *thread) verdict {
	n, at := m.uvarint(), m.uvarint()
	if d.user(m) == nil {
		return broken
	}
	if !d.has(at) {
		return d.fail(m, "it names a stack that is not there")
	}
	d.emit(m, stream.MaxProcs).Arg = n
	return advanced
}

// alloc is an experimental event of the allocator, of which nothing is kept.
func (d *Decoder) alloc(m *thread) verdict {
	for range allocArgs[m.kind-evAllocFirst] {
		m.uvarint()
	}
	if m.none {
		return d.fail(m, "it happens on no thread")
	}
	return advanced
}
