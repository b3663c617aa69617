package oldtrace

import (
	"fmt"
	"io"

	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// Up to lastWhole (Go 1.N) a trace has to be sorted as a whole in memory, where it
	// takes WholeFactor times its size.
	lastWhole   = 21
	WholeFactor = 50
	// MaxWholeBytes is the size that takes a gigabyte so.
	MaxWholeBytes = 20 << 20
	// batchEvents makes a batch of about 250 kB, as in package tracefile.
	batchEvents = 4096
	// maxTraceNanos is 30 days. A clock that runs further is damage, not a trace,
	// and sums over it would not fit an int64.
	maxTraceNanos = 30 * 24 * 3600 * 1_000_000_000
)

// Decoder decodes with golang.org/x/exp/trace. It has a goroutine of its own that
// reads ahead.
type Decoder struct {
	ahead *ahead
	conv  converter
	err   error // what ended the trace
}

// Source is a trace to be decoded.
type Source struct {
	// Reader yields the trace from its header on.
	Reader io.Reader
	// Release is the N of Go 1.N that the header names.
	Release int
	// Offset returns how many bytes of the trace were consumed so far.
	Offset func() int64
	// MaxBytes bounds a trace that is read into memory as a whole.
	MaxBytes int64
}

// New reads the header, and all of a trace of Go 1.21 or older.
func New(src Source) (*Decoder, error) {
	r := src.Reader
	if src.Release <= lastWhole {
		r = &bounded{r: r, left: src.MaxBytes, err: fmt.Errorf("it is larger than %d kB, and a trace of Go 1.%d or older is read into memory as a whole, at %d times its size: "+
			"trace for a shorter time, or with a newer Go", src.MaxBytes>>10, lastWhole, WholeFactor)}
	}
	var reader *trace.Reader
	err := stream.Guard(func() (err error) {
		reader, err = trace.NewReader(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	d := &Decoder{ahead: readAhead(reader, src.Offset), conv: newConverter()}
	d.conv.ahead = d.ahead
	return d, nil
}

// Next fills the batch with at least one event, or returns io.EOF at the end or the error
// that ended the trace, which comes alone.
func (d *Decoder) Next(b *stream.Batch) error {
	if cap(b.Events) < batchEvents {
		b.Events = make([]stream.Event, 0, batchEvents+maxEventsPerRead)
	}
	d.conv.batch = b
	d.conv.stacks.Into(b)
	if d.err == nil {
		d.err = stream.Guard(d.fill)
	}
	if len(b.Events) > 0 {
		return nil
	}
	return d.err
}

// fill reads until the batch is full.
func (d *Decoder) fill() error {
	for len(d.conv.batch.Events) < batchEvents {
		ev, err := d.ahead.event()
		if err != nil {
			return err
		}
		if err := d.conv.add(ev); err != nil {
			return err
		}
	}
	return nil
}

// Nanos returns the time of the last event.
func (d *Decoder) Nanos() int64 { return d.conv.last }

// Transitions returns how many changes of state were read.
func (d *Decoder) Transitions() int64 { return d.conv.transitions }

// Read returns up to which byte the trace was read without an error, about. The library's
// reader says Sync once more before the error if a generation is missing.
func (d *Decoder) Read() int64 {
	if d.conv.afterSync {
		return d.conv.readBefore
	}
	return d.conv.readTo
}

// Close stops the reading. It is called once.
func (d *Decoder) Close() { close(d.ahead.quit) }

// bounded is a reader that fails with err once it has given left bytes.
type bounded struct {
	r    io.Reader
	left int64
	err  error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.err
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
