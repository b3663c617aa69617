package tracefile

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
	"github.com/concdoctor/concdoctor/internal/trace/symbol"
)

const (
	// batchEvents makes a batch of about 250 kB: it stays in a core's own cache
	// between its writing and its reading, and is worth a hand-over.
	batchEvents = 4096
	// maxEventsPerStep is how many events of the stream one of the trace makes at most.
	maxEventsPerStep = 4
	// maxNanos is 30 days. A clock that runs further is damage, not a trace, and sums
	// over it would not fit an int64.
	maxNanos = 30 * 24 * 3600 * 1_000_000_000
	forever  = math.MaxInt64
	// noThread is the thread that is none.
	noThread = math.MaxUint64
)

// headerBytes is the size of a trace's header.
const headerBytes = 16

// Decodes reports whether the format of a release (1.N, as in the header of a
// trace) is decoded here.
func Decodes(release int) bool {
	return release == go122 || release == go123 || release == go125 || release == go126
}

// Decoder decodes a trace. It belongs to one goroutine.
type Decoder struct {
	// Check, if not nil, is asked from time to time whether to go on: the batches of a
	// generation are kept, and their heads take more memory than the smallest of them.
	Check func() error

	src     source
	batches int // read
	release int
	symbols *symbol.Table
	cut     error // why the next generation cannot be read

	gen    generation
	active []*thread // those with batches in the generation, in the order of the first
	front  frontier
	second int64 // front.second, as long as front is a heap
	sample int   // the next of gen.samples
	// sampleTime is the next sample's, forever if there is none.
	sampleTime int64

	threads map[uint64]*thread
	dense   uint32
	procs   map[uint64]*proc
	noProc  proc
	slots   stream.Slots
	gs      []goroutine // by slot
	tasks   map[uint64]bool
	gc      gcState
	gcSeq   uint64

	started     bool
	base        int64 // the first event's time
	limit       int64 // the last time that is believed
	last        int64 // the last event's time
	now         int64 // the current event's time
	syncs       uint64
	transitions int64
	read        int64 // bytes of the trace up to the end of the current generation
	err         error // what broke the current event
	end         error // why there is no more

	events []stream.Event // of the batch, as many as fit
	n      int            // how many are written
}

// New returns a decoder of the trace that r yields, from its header on. It fails if
// there is none, or one of a release that [Decodes] declines.
func New(r io.Reader) (*Decoder, error) {
	br := bufio.NewReaderSize(r, 2*maxBatchBytes)
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(br, header); err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	return newDecoder(header, &streamed{r: br, taken: headerBytes})
}

// NewBytes returns a decoder of a trace in memory, such as a mapped file, which must
// not change.
func NewBytes(data []byte) (*Decoder, error) {
	if len(data) < headerBytes {
		return nil, fmt.Errorf("reading the header: %w", io.ErrUnexpectedEOF)
	}
	return newDecoder(data[:headerBytes], &mapped{data: data, pos: headerBytes})
}

func newDecoder(header []byte, src source) (*Decoder, error) {
	d := &Decoder{
		src: src, symbols: symbol.NewTable(), sampleTime: forever, limit: forever,
		threads: make(map[uint64]*thread), procs: make(map[uint64]*proc), tasks: make(map[uint64]bool),
		gs: make([]goroutine, 1), noProc: proc{id: math.MaxUint64},
	}
	if n, err := fmt.Sscanf(string(header), "go 1.%d trace\x00\x00\x00", &d.release); n != 1 || err != nil || !Decodes(d.release) {
		return nil, fmt.Errorf("no header of a trace that is decoded here: %q", header)
	}
	return d, nil
}

// Next fills the batch with the next part of the trace, which is at least one event
// unless there is an error. It returns io.EOF behind the last event. Any other error
// ends the trace, too, and comes alone: all events before it have been given.
func (d *Decoder) Next(b *stream.Batch) error {
	b.Reset()
	if cap(b.Events) < batchEvents+maxEventsPerStep {
		b.Events = make([]stream.Event, 0, batchEvents+maxEventsPerStep)
	}
	d.symbols.Into(b)
	d.events, d.n = b.Events[:cap(b.Events)], 0
	for d.end == nil && d.n < batchEvents {
		d.end = d.fill()
	}
	b.Events = d.events[:d.n]
	d.events = nil
	if d.n > 0 {
		return nil
	}
	return d.end
}

// Transitions returns how many changes of state have been read, those that are only
// said again included.
func (d *Decoder) Transitions() int64 { return d.transitions }

// Nanos returns the time of the last event.
func (d *Decoder) Nanos() int64 { return max(0, d.last-d.base) }

// Read returns how many bytes the trace has up to the end of the generation that was
// read last without an error in its frame.
func (d *Decoder) Read() int64 { return d.read }

// Offset returns how many bytes of the trace were taken.
func (d *Decoder) Offset() int64 { return d.src.offset() }

// fill writes events until the batch is full or the generation ends.
func (d *Decoder) fill() error {
	if len(d.front) == 0 && d.sampleTime == forever {
		return d.nextGeneration()
	}
	for d.n < batchEvents {
		if len(d.front) == 0 || d.sampleTime < d.front[0].time {
			if d.sampleTime == forever {
				return nil
			}
			if err := d.takeSample(); err != nil {
				return err
			}
			continue
		}
		if err := d.step(); err != nil {
			return err
		}
	}
	return nil
}

// nextGeneration begins the next generation with a sync event. At the end of the
// trace, good or bad, there is one, too.
func (d *Decoder) nextGeneration() error {
	err := d.readGeneration()
	if err == io.EOF && d.gen.index == 1 {
		err = errCut
	}
	if err != nil {
		d.sync(d.last)
		return err
	}
	start := d.gen.nanos(d.gen.least)
	if start < 0 || start > d.limit {
		d.sync(d.last)
		return errClock
	}
	d.read = d.src.offset()
	d.sample = 0
	d.nextSample()
	for _, m := range d.active {
		m.rewind()
		more, err := m.advance(&d.gen)
		if err != nil {
			return d.broken(m, err)
		}
		if more {
			d.front.push(m)
		}
	}
	d.second = d.front.second()
	d.sync(start)
	return nil
}

func (d *Decoder) sync(at int64) {
	d.clock(at)
	d.syncs++
	d.events[d.n] = stream.Event{Time: d.now - d.base, Kind: stream.Sync, Arg: d.syncs, Proc: stream.NoProc}
	d.n++
}

// clock sets the current event's time. No two events have the same: what the clocks of two
// processors say is bent to the order that is certain.
func (d *Decoder) clock(at int64) {
	if at <= d.last {
		at = d.last + 1
	}
	d.now, d.last = at, at
	if !d.started {
		d.started, d.base, d.limit = true, at, at+maxNanos
	}
}

// step takes the earliest event that can come next.
func (d *Decoder) step() error {
	switch d.try(0) {
	case advanced:
		return nil
	case broken:
		return d.err
	}
	// An event of another thread must come first, whatever the clocks say.
	slices.SortFunc(d.front, func(a, b entry) int { return cmp.Compare(a.time, b.time) })
	for i := 1; i < len(d.front); i++ {
		switch d.try(i) {
		case advanced:
			return nil
		case broken:
			return d.err
		}
	}
	return d.stuck()
}

// verdict is what became of an event.
type verdict uint8

const (
	advanced verdict = iota
	notYet           // something else must come first
	broken           // d.err says why
)

// try takes the next event of the thread at i if it can come now.
func (d *Decoder) try(i int) verdict {
	m := d.front[i].m
	if m.time > d.limit {
		d.err = d.broken(m, errClock)
		return broken
	}
	m.known = true
	d.now = max(m.time, d.last+1)
	args := m.pos
	if v := d.dispatch(m); v != advanced {
		m.pos = args
		return v
	}
	d.last = d.now
	more, err := m.advance(&d.gen)
	switch {
	case err != nil:
		d.err = d.broken(m, err)
		return broken
	case !more:
		d.front.remove(i)
	case i == 0 && m.time <= d.second:
		d.front[0].time = m.time
		return advanced // the most common case by far
	default:
		d.front.fix(i)
	}
	d.second = d.front.second()
	return advanced
}

// stuck is the error of a trace none of whose threads can go on.
func (d *Decoder) stuck() error {
	m := d.front[0].m
	return fmt.Errorf("broken trace: no event of its %d threads can come next, thread %d's next is %s at %.6f s",
		len(d.front), m.id, m.kind, float64(m.time-d.base)/1e9)
}

// broken says where a thread's events broke off.
func (d *Decoder) broken(m *thread, err error) error {
	return fmt.Errorf("broken trace: in what thread %d wrote after %.6f s: %w", m.id, float64(max(0, d.last-d.base))/1e9, err)
}

// fail breaks the trace at the current event.
func (d *Decoder) fail(m *thread, format string, args ...any) verdict {
	d.err = d.broken(m, fmt.Errorf(m.kind.String()+": "+format, args...))
	return broken
}

// thread returns the thread of an id, made if it is new.
func (d *Decoder) thread(id uint64) *thread {
	m := d.threads[id]
	if m == nil {
		m = &thread{id: id, none: id == noThread, proc: &d.noProc}
		d.threads[id] = m
	}
	return m
}

// nextSample finds out when the next CPU sample comes.
func (d *Decoder) nextSample() {
	d.sampleTime = forever
	if d.sample < len(d.gen.samples) {
		d.sampleTime = d.gen.samples[d.sample].time
	}
}
