package verdict

import (
	"context"

	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// InputKind is what reports call a tape.
const InputKind = "zero-touch recording"

// Format is the tapes' row in the table of formats. It is for one analysis.
func Format() format.Format {
	namer := new(naming.Namer) // remembers the sources that it has read
	return format.Format{
		Name:  InputKind,
		Help:  "recordings of zero-touch mode",
		Sniff: tape.IsTape,
		Read: func(_ context.Context, in *format.Input, to *format.Result) error {
			return read(in, to, namer)
		},
	}
}

func read(in *format.Input, to *format.Result, namer *naming.Namer) error {
	content, done, err := in.ReaderAt()
	if err != nil {
		return err
	}
	defer done() // a temporary file at most
	file, err := tape.NewFile(in.Name, content)
	if err != nil {
		return err
	}
	s, err := readLast(file, namer)
	if err != nil {
		return err
	}
	c := newCollector(Options{}, namer)
	c.add(s, programOf(s.Tape), in.Name)
	c.rep.Normalize()
	c.setAside()
	to.Report.Add(c.rep)
	return nil
}
