package reader

import (
	"errors"
	"io"
	"runtime/debug"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
	"github.com/concdoctor/concdoctor/internal/trace/tracefile"
)

// errShrunk is a file that was mapped and lost its end.
var errShrunk = errors.New("the file became shorter while it was read")

// own decodes with package tracefile: a file that is not compressed where it lies,
// mapped into memory, and anything else as it comes.
type own struct {
	*tracefile.Decoder
	in   *input.Input
	data []byte // the file, nil if it is not mapped
	// The generation that is being decoded begins at start; what lies before forgotten
	// was given back to the system.
	start, end, forgotten int64
}

// newOwn takes the trace from its header on: r yields what in does.
func newOwn(in *input.Input, r io.Reader) (decoder, error) {
	if f := in.File(); f != nil {
		if data, err := mapFile(f, in.Size); err == nil {
			d, err := tracefile.NewBytes(data)
			if err != nil {
				unmapFile(data)
				return nil, err
			}
			o := &own{Decoder: d, in: in, data: data}
			d.Check = o.check
			return o, nil
		}
	}
	d, err := tracefile.New(r)
	if err != nil {
		return nil, err
	}
	o := &own{Decoder: d, in: in}
	d.Check = o.check
	return o, nil
}

// check returns an error once memory is used up. Of a mapped file the generation counts
// that is being decoded.
func (o *own) check() error {
	mapped := int64(0)
	if o.data != nil {
		mapped = o.Offset() - o.forgotten
	}
	return o.in.Limit().Check(mapped)
}

// Next implements decoder.
func (o *own) Next(b *stream.Batch) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	if o.data == nil {
		return o.Decoder.Next(b)
	}
	// Reading beyond the end of a file that has become shorter is a fault, by default
	// the end of the process.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if _, fault := p.(interface{ Addr() uintptr }); !fault {
				panic(p)
			}
			err = errShrunk
		}
	}()
	err = o.Decoder.Next(b)
	o.in.Took(o.Offset())
	o.forget()
	return err
}

// forget gives back the generations that have been decoded.
func (o *own) forget() {
	read := o.Read()
	if read == o.end {
		return
	}
	o.start, o.end = o.end, read
	forgetMapped(o.data, o.forgotten, o.start)
	o.forgotten = o.start
}

// Close implements decoder.
func (o *own) Close() {
	if o.data != nil {
		unmapFile(o.data)
		o.data = nil
	}
}
