package format

import (
	"bytes"
	"context"

	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/logtext"
)

// Format is one kind of input. It has either Read or Scan.
type Format struct {
	// Name is what a report calls the format, as in "execution trace".
	Name string
	// Help says what is read, for people: "Go execution traces".
	Help string
	// Sniff reports whether an input that begins with head is of this format; of a format
	// with Scan, whether the text holds one of its reports, or may.
	Sniff func(head []byte) bool
	// Read reads an input that is of this format as a whole.
	Read func(context.Context, *Input, *Result) error
	// Scan returns a scanner for a log. A log may hold reports of several formats: each
	// scanner sees every line.
	Scan func() Scanner
}

// Scanner reads the reports of one format out of the lines of a log.
type Scanner interface {
	// Line takes the next line.
	Line(logtext.Line)
	// End is called once, after the last line, which may come early where the log cannot
	// be read any further.
	End(*Input, *Result)
}

// Table is the formats that are known, the one to be tried first first.
type Table []Format

// Input is an opened input whose format is known.
type Input struct {
	*input.Input
	// Kind is what a report calls the format.
	Kind string

	format *Format // nil for a log
	logs   []*Format
}

// logKind is the kind of an input with reports of several formats.
const logKind = "log"

// Open opens an input and recognises its format. The errors name the input, say what is
// wrong with it and what to do next; of an input that is readable but of no format in the
// table the error is an *input.UnknownError.
func (t Table) Open(ctx context.Context, name string, opts input.Options) (*Input, error) {
	in, err := input.Open(ctx, name, opts)
	if err != nil {
		return nil, err
	}
	known, err := t.recognise(in)
	if err != nil {
		_ = in.Close() // it was read from only
		return nil, err
	}
	return known, nil
}

func (t Table) recognise(in *input.Input) (*Input, error) {
	head, err := in.Head()
	for i := range t {
		if f := &t[i]; f.Read != nil && f.Sniff(head) {
			return &Input{Input: in, Kind: f.Name, format: f}, nil
		}
	}
	found := t.isLog(head)
	if !found {
		if err != nil {
			return nil, err
		}
		if found, err = t.search(in, head); err != nil {
			return nil, err
		}
	}
	if !found {
		return nil, t.unknown(in, head)
	}
	return &Input{Input: in, Kind: logKind, logs: t.logs()}, nil
}

// search looks for reports behind the head of a text.
func (t Table) search(in *input.Input, head []byte) (found bool, err error) {
	if len(head) < input.HeadBytes || !input.IsText(head) {
		return false, nil
	}
	err = in.Search(func(part []byte) bool {
		found = t.isLog(part)
		return found
	})
	return found, err
}

// isLog reports whether the text has a report of a format that is read out of logs.
func (t Table) isLog(text []byte) bool {
	for _, f := range t.logs() {
		if f.Sniff(text) {
			return true
		}
	}
	return false
}

func (t Table) logs() (all []*Format) {
	for i := range t {
		if t[i].Scan != nil {
			all = append(all, &t[i])
		}
	}
	return all
}

// Text is the head of an input without a byte order mark.
func Text(head []byte) []byte { return bytes.TrimPrefix(head, []byte("\ufeff")) }
