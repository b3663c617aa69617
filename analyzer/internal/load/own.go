package load

import (
	"io"

	"github.com/concdoctor/concdoctor/analyzer/internal/tracefile"
)

// own decodes with package tracefile.
type own struct {
	*tracefile.Decoder
}

func newOwn(in *Input, r io.Reader) (decoder, error) {
	d, err := tracefile.New(r)
	if err != nil {
		return nil, err
	}
	return &own{d}, nil
}

// Close implements decoder.
func (o *own) Close() {}
