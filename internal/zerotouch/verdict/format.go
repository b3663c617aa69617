package verdict

import (
	"context"

	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// InputKind is what reports call a tape.
const InputKind = "zero-touch recording"

// Format is the tapes' row in the table of formats, with the limits of some rules. It is for
// one analysis.
func Format(l Limits) format.Format {
	namer := new(naming.Namer) // remembers the sources that it has read
	return format.Format{
		Name:  InputKind,
		Help:  "recordings of zero-touch mode",
		Sniff: tape.IsTape,
		Read: func(_ context.Context, in *format.Input, to *format.Result) error {
			return read(in, to, newCollector(Options{Limits: l}, namer))
		},
	}
}

func read(in *format.Input, to *format.Result, c *collector) error {
	content, done, err := in.ReaderAt()
	if err != nil {
		return err
	}
	defer done() // a temporary file at most
	file, err := tape.NewFile(in.Name, content)
	if err != nil {
		return err
	}
	s, err := readLast(file, c.namer)
	if err != nil {
		return err
	}
	c.add(s, programOf(s.Tape), in.Name, new(followed))
	c.rep.Normalize()
	c.setAside()
	to.Report.Add(c.rep)
	return nil
}
