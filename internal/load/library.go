package load

import (
	"fmt"
	"io"

	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// batchEvents makes a batch of about 250 kB, as in package tracefile.
	batchEvents = 4096
	// maxTraceNanos is 30 days. A clock that runs further is damage, not a trace,
	// and sums over it would not fit an int64.
	maxTraceNanos = 30 * 24 * 3600 * 1_000_000_000
)

// library decodes with golang.org/x/exp/trace. It has a goroutine of its own that
// reads ahead.
type library struct {
	ahead *ahead
	conv  converter
	err   error // what ended the trace
}

// newLibrary reads the header, and all of a trace of Go 1.21 or older.
func newLibrary(in *Input, r io.Reader, release int) (*library, error) {
	if release <= lastWhole {
		most := in.Budget(maxWholeBytes, wholeFactor)
		r = &bounded{r: r, left: most, err: fmt.Errorf("it is larger than %d kB, and a trace of Go 1.%d or older is taken as a whole into memory, at %d times its size: "+
			"trace for a shorter time, or with a newer Go", most>>10, lastWhole, wholeFactor)}
	}
	var reader *trace.Reader
	err := guard(func() (err error) {
		reader, err = trace.NewReader(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	l := &library{ahead: readAhead(reader, in.Offset), conv: newConverter()}
	l.conv.ahead = l.ahead
	return l, nil
}

// Next implements decoder.
func (l *library) Next(b *stream.Batch) error {
	if cap(b.Events) < batchEvents {
		b.Events = make([]stream.Event, 0, batchEvents+maxEventsPerRead)
	}
	l.conv.batch = b
	l.conv.stacks.Into(b)
	if l.err == nil {
		l.err = guard(l.fill)
	}
	if len(b.Events) > 0 {
		return nil
	}
	return l.err
}

// fill reads until the batch is full.
func (l *library) fill() error {
	for len(l.conv.batch.Events) < batchEvents {
		ev, err := l.ahead.event()
		if err != nil {
			return err
		}
		if err := l.conv.add(ev); err != nil {
			return err
		}
	}
	return nil
}

// Nanos implements decoder.
func (l *library) Nanos() int64 { return l.conv.last }

// Transitions implements decoder.
func (l *library) Transitions() int64 { return l.conv.transitions }

// Read implements decoder. The reader says Sync once more before the error if a
// generation is missing.
func (l *library) Read() int64 {
	if l.conv.afterSync {
		return l.conv.readBefore
	}
	return l.conv.readTo
}

// Close implements decoder.
func (l *library) Close() { close(l.ahead.quit) }

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
