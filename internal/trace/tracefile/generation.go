package tracefile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// generation is what a part of the trace, about a second of the program, defines.
type generation struct {
	number uint64
	index  uint32 // counted from 1
	least  uint64 // the earliest time of a batch, in ticks
	// tick is the length of a tick in nanoseconds.
	tick     float64
	snapshot bool
	strings  table[word]
	stacks   table[stack]
	samples  []sample
	timed    bool // it has a batch that is none of the above
}

// word is a string of the generation.
type word struct {
	text string
	// reason is what the text means as a reason, plus one; 0 until it was asked for.
	reason uint8
}

// stack is a stack of the generation: its frames as they lie in the trace.
type stack struct {
	frames []byte // with slack
	count  int
	// id is its id in the whole trace, plus one; 0 until an event names it.
	id stream.StackID
}

// sample is a CPU sample.
type sample struct {
	time                            int64
	thread, proc, goroutine, callee uint64 // callee is the stack
}

// readGeneration reads the next generation and gives its batches of events to their
// threads. It returns io.EOF behind the last.
func (d *Decoder) readGeneration() error {
	d.src.release()
	d.gen = generation{index: d.gen.index + 1, strings: d.gen.strings, stacks: d.gen.stacks, samples: d.gen.samples[:0]}
	d.gen.strings.reset()
	d.gen.stacks.reset()
	for _, m := range d.active {
		m.batches = m.batches[:0]
	}
	d.active = d.active[:0]
	var err error
	if d.release < go126 {
		err = d.readUnmarked()
	} else {
		err = d.readMarked()
	}
	if err != nil {
		return err
	}
	return d.link()
}

// readMarked reads a generation that has a mark at its end.
func (d *Decoder) readMarked() error {
	for {
		h, err := d.src.head()
		if err == io.EOF && !d.gen.timed {
			return io.EOF
		}
		if err == io.EOF {
			return errors.New("its last generation has no end: it was cut off")
		}
		if err != nil {
			return err
		}
		if h.kind == evEndOfGeneration {
			_, err := d.src.body(h)
			return err
		}
		if d.gen.number == 0 {
			d.gen.number = h.generation
		}
		if h.generation == 0 || h.generation != d.gen.number {
			return fmt.Errorf("a batch of generation %d within generation %d", h.generation, d.gen.number)
		}
		if err := d.readBatch(h); err != nil {
			return err
		}
	}
}

// readUnmarked reads a generation of Go 1.25 and older, which ends where a batch of
// the next one begins. What cannot be read may belong to the next one already, so
// that this one is taken as it is if it is complete.
func (d *Decoder) readUnmarked() error {
	if d.cut != nil {
		return d.cut
	}
	for {
		h, err := d.src.head()
		if err == nil && h.kind == evEndOfGeneration {
			err = errors.New("a mark of the end of a generation, which traces have since Go 1.26")
		}
		if err == nil && h.generation == 0 {
			return errors.New("a batch of generation 0")
		}
		if err == nil && d.gen.number != 0 && h.generation == d.gen.number+1 {
			return nil
		}
		if err == nil && d.gen.number != 0 && h.generation != d.gen.number {
			return fmt.Errorf("a batch of generation %d within generation %d", h.generation, d.gen.number)
		}
		if err == nil {
			d.gen.number = h.generation
			err = d.readBatch(h)
		}
		switch {
		case err == nil:
		case d.gen.number == 0:
			return err
		case err == io.EOF:
			return nil
		case errors.As(err, new(*contentError)):
			return err
		default:
			d.cut = err
			return nil
		}
	}
}

// contentError is a batch that was read as a whole, and has nonsense in it.
type contentError struct{ error }

func (e *contentError) Unwrap() error { return e.error }

// checkEvery is the number of batches after which Check is asked.
const checkEvery = 256

// readBatch takes the batch of a head.
func (d *Decoder) readBatch(h head) error {
	if d.batches++; d.Check != nil && d.batches%checkEvery == 0 {
		if err := d.Check(); err != nil {
			return &contentError{err}
		}
	}
	body, err := d.src.body(h)
	if err != nil {
		return err
	}
	if d.gen.least == 0 || h.time < d.gen.least {
		d.gen.least = h.time
	}
	if err := d.sort(h, body); err != nil {
		return &contentError{err}
	}
	return nil
}

// sort gives a batch to what it belongs to.
func (d *Decoder) sort(h head, body []byte) error {
	if h.experiment != 0 {
		return nil
	}
	c := cutter{data: body[:cap(body)], pos: 1, end: len(body)}
	var first kind
	if len(body) > 0 {
		first = kind(body[0])
	}
	switch {
	case first == evStrings:
		return d.gen.readStrings(&c)
	case first == evStacks:
		return d.gen.readStacks(&c)
	case first == evSamples:
		return d.gen.readSamples(&c)
	case first == evFrequency && d.release < go125:
		c.pos = 0
		return d.gen.readSync(&c, d.release)
	case first == evSync && d.release >= go125:
		return d.gen.readSync(&c, d.release)
	case first == evEndOfGeneration:
		return errors.New("a mark of the end of a generation within a batch")
	}
	d.gen.timed = true
	m := d.thread(h.thread)
	if len(m.batches) == 0 {
		d.active = append(d.active, m)
	}
	m.batches = append(m.batches, batch{h.time, body})
	return nil
}

// readStrings reads a batch of strings. They share one copy of the batch.
func (g *generation) readStrings(c *cutter) error {
	all := string(c.data[:c.end])
	for {
		if more, err := c.next(evString, "strings"); !more || err != nil {
			return err
		}
		id, size := c.uvarint(), c.uvarint()
		if size > maxStringBytes {
			return fmt.Errorf("a string of %d bytes, and %d are the most", size, maxStringBytes)
		}
		if c.bytes(size) == nil {
			return errVarint
		}
		if err := g.strings.put("string", id, word{text: all[c.pos-int(size) : c.pos]}); err != nil {
			return err
		}
	}
}

// readStacks reads a batch of stacks.
func (g *generation) readStacks(c *cutter) error {
	for {
		if more, err := c.next(evStack, "stacks"); !more || err != nil {
			return err
		}
		id, frames := c.uvarint(), c.uvarint()
		if frames > maxStackFrames {
			return fmt.Errorf("a stack of %d frames, and %d are the most", frames, maxStackFrames)
		}
		if c.pos > c.end {
			return errVarint
		}
		from := c.pos
		for range frames {
			c.uvarint()
			c.uvarint()
			c.uvarint()
			c.uvarint()
			if c.pos > c.end {
				return errVarint
			}
		}
		if err := g.stacks.put("stack", id, stack{frames: c.data[from:c.pos], count: int(frames)}); err != nil {
			return err
		}
	}
}

// readSamples reads a batch of CPU samples.
func (g *generation) readSamples(c *cutter) error {
	for {
		if more, err := c.next(evSample, "CPU samples"); !more || err != nil {
			return err
		}
		g.samples = append(g.samples, sample{
			time: int64(c.uvarint()), thread: c.uvarint(), proc: c.uvarint(), goroutine: c.uvarint(), callee: c.uvarint(),
		})
	}
}

// readSync reads the batch with the clock's frequency.
func (g *generation) readSync(c *cutter, release int) error {
	for {
		if more, err := c.more(); !more || err != nil {
			return err
		}
		k := kind(c.data[c.pos])
		c.pos++
		switch {
		case k == evFrequency && g.tick == 0:
			hertz := c.uvarint()
			if hertz == 0 {
				return errors.New("a clock that stands still")
			}
			g.tick = 1 / (float64(hertz) / 1e9)
		case k == evClockSnapshot && release >= go125 && !g.snapshot:
			g.snapshot = true
			for range 4 {
				c.uvarint()
			}
		default:
			return fmt.Errorf("found event %d where the clock is described, or twice", k)
		}
	}
}

// nanos converts a time in ticks. The trace's times are rounded down event by event,
// as Go's own reader does.
func (g *generation) nanos(ticks uint64) int64 { return int64(float64(ticks) * g.tick) }

// link checks what the generation's parts say of each other.
func (d *Decoder) link() error {
	g := &d.gen
	if g.tick == 0 {
		return errors.New("a generation lacks the clock's frequency")
	}
	if d.release >= go125 && !g.snapshot {
		return errors.New("a generation lacks the clock's time")
	}
	for i := range g.stacks.list {
		s := &g.stacks.list[i]
		c := s.cutter()
		for range s.count {
			c.uvarint()
			if fn, file := c.uvarint(), c.uvarint(); !g.hasString(fn) || !g.hasString(file) {
				return errors.New("a stack has a frame without a name")
			}
			c.uvarint()
		}
	}
	for i := range g.samples {
		g.samples[i].time = g.nanos(uint64(g.samples[i].time))
	}
	slices.SortFunc(g.samples, func(a, b sample) int { return cmp.Compare(a.time, b.time) })
	return nil
}

func (s *stack) cutter() cutter {
	return cutter{data: s.frames[:min(len(s.frames)+slack, cap(s.frames))], end: len(s.frames)}
}

// hasString reports whether the generation has the string. Id 0 is the empty one.
func (g *generation) hasString(id uint64) bool { return id == 0 || g.strings.get(id) != nil }

// text returns the string, "" if there is none.
func (g *generation) text(id uint64) string {
	if w := g.strings.get(id); w != nil {
		return w.text
	}
	return ""
}
