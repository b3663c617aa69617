package reader

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/memory"
	"github.com/concdoctor/concdoctor/internal/trace/oldtrace"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
	"github.com/concdoctor/concdoctor/internal/trace/tracefile"
)

const (
	// The trace format of a release (1.N) stands in its header, which only changes with
	// the format: 11 is written by Go 1.11 to 1.18.
	oldestTrace = 11
	newestTrace = 26
	// maxReasonBytes cuts the texts of the library's errors, which dump its whole state.
	maxReasonBytes = 300
)

// decoder is what decodes a trace: package tracefile, or oldtrace for what that
// declines.
type decoder interface {
	// Next fills the batch with at least one event, or returns io.EOF at the end or the
	// error that ended the trace, which comes alone.
	Next(*stream.Batch) error
	// Nanos is the time of the last event.
	Nanos() int64
	// Transitions is how many changes of state were read.
	Transitions() int64
	// Read is up to which byte the trace was read without an error, about.
	Read() int64
	// Close stops the reading. It is called once.
	Close()
}

// header is the 16 bytes that runtime/trace writes: "go 1.26 trace" and three zero bytes.
var header = regexp.MustCompile(`^go 1\.[0-9]{1,2} trace\x00\x00\x00`)

// IsTrace reports whether an input that begins so is an execution trace.
func IsTrace(head []byte) bool { return header.Match(head) }

// Reader turns an execution trace into the neutral stream. It belongs to one
// goroutine. It never panics on damaged input: what the decoder cannot read ends
// the stream, and Loss says how much that was.
type Reader struct {
	in      *input.Input
	decoder decoder
	events  int64
	loss    error // why it ended early; nil while it has not
	done    bool
}

// New reads the header, and all of a trace of Go 1.21 or older. It fails
// for traces of releases before Go 1.11. A reader that is not read to its end must be closed.
func New(in *input.Input) (*Reader, error) {
	br := bufio.NewReaderSize(in.R, input.HeadBytes)
	release, err := checkRelease(br)
	if err != nil {
		return nil, fmt.Errorf("reading trace %s: %w", in.Name, err)
	}
	d, err := newDecoder(in, br, release)
	if err != nil {
		return nil, fmt.Errorf("reading trace %s: %s; %s", in.Name, clip(err), input.NextAgain)
	}
	return &Reader{in: in, decoder: d}, nil
}

// newDecoder takes our own decoder for the formats that it knows.
func newDecoder(in *input.Input, r io.Reader, release int) (decoder, error) {
	if !tracefile.Decodes(release) {
		return oldtrace.New(oldtrace.Source{
			Reader: r, Release: release, Offset: in.Offset, MaxBytes: in.Budget(oldtrace.MaxWholeBytes, oldtrace.WholeFactor),
		})
	}
	return newOwn(in, r)
}

// Close stops the reading. It is needed, and may be called, before the end only.
func (t *Reader) Close() {
	if !t.done {
		t.done = true
		t.decoder.Close()
	}
}

// Next replaces the batch by the next part of the trace. It returns io.EOF at the
// end, which may come early: see Loss. Another error means that nothing at all
// could be read.
func (t *Reader) Next(b *stream.Batch) error {
	b.Reset()
	if t.done {
		return io.EOF
	}
	err := stream.Guard(func() error { return t.decoder.Next(b) })
	t.events += int64(len(b.Events))
	if err == nil {
		return nil
	}
	t.Close()
	if err == io.EOF {
		return io.EOF
	}
	t.loss = err
	if t.decoder.Transitions() == 0 {
		next := "; " + input.NextAgain
		if t.IsExceeded() {
			next = ""
		}
		return fmt.Errorf("reading trace %s: byte %d: nothing in it can be read: %s%s", t.in.Name, t.in.Offset(), clip(t.loss), next)
	}
	return io.EOF
}

// Events returns how many events the stream has had.
func (t *Reader) Events() int64 { return t.events }

// Nanos returns the time that the stream has covered.
func (t *Reader) Nanos() int64 { return t.decoder.Nanos() }

// Loss says, in one sentence for the report, how much of the trace could not be
// read and why. It is "" for a complete trace.
func (t *Reader) Loss() string {
	if t.loss == nil {
		return ""
	}
	read, total := t.decoder.Read(), max(t.in.Size, t.in.Offset())
	why := "damaged or cut off"
	if t.IsExceeded() {
		why = "not read to the end"
	}
	return fmt.Sprintf("%s: the first %.3f s were read (%d events in about %.0f %% of %d bytes), the rest is lost: %s",
		why, float64(t.Nanos())/1e9, t.events, 100*float64(read)/float64(max(total, 1)), total, clip(t.loss))
}

// IsExceeded reports whether the trace ended early since memory was used up.
func (t *Reader) IsExceeded() bool {
	var exceeded *memory.ExceededError
	return errors.As(t.loss, &exceeded)
}

// checkRelease looks at the header "go 1.N trace" without consuming it.
func checkRelease(br *bufio.Reader) (release int, err error) {
	head, err := br.Peek(len("go 1.22 trace\x00\x00\x00"))
	if err != nil {
		return 0, fmt.Errorf("cut off within its header (%d bytes); %s", len(head), input.NextAgain)
	}
	minor, _, _ := strings.Cut(strings.TrimPrefix(string(head), "go 1."), " ")
	release, err = strconv.Atoi(minor)
	if err != nil {
		return 0, fmt.Errorf("no trace header but %q", head)
	}
	switch {
	case release < oldestTrace:
		return 0, fmt.Errorf("it was written by Go 1.%d, and traces are read from Go 1.%d on: build the program with a newer Go and trace it again", release, oldestTrace)
	case release > newestTrace:
		return 0, fmt.Errorf("it was written by Go 1.%d, whose traces this version of concdoctor cannot read: update concdoctor, or trace with Go 1.%d", release, newestTrace)
	}
	return release, nil
}

// clip returns the first line of an error's text, at most maxReasonBytes of it.
func clip(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends in the middle of a record"
	}
	text, _, more := strings.Cut(err.Error(), "\n")
	if len(text) > maxReasonBytes {
		text, more = text[:maxReasonBytes], true
	}
	text = strings.TrimRight(strings.ToValidUTF8(text, "?"), " :")
	if more {
		text += " …"
	}
	return text
}
