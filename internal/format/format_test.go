package format

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/input"
	"github.com/concdoctor/concdoctor/internal/logtext"
)

// counter counts the lines with a word.
type counter struct {
	word  string
	count int64
}

func (c *counter) Line(l logtext.Line) {
	if strings.Contains(l.Text, c.word) {
		c.count++
	}
}

func (c *counter) End(in *Input, to *Result) {
	if c.count > 0 {
		to.AddInput(finding.Input{Name: in.Name, Kind: c.word + " log", Events: c.count})
	}
}

func logFormat(word string) Format {
	return Format{
		Name: word + " log", Help: word,
		Sniff: func(text []byte) bool { return bytes.Contains(text, []byte(word)) },
		Scan:  func() Scanner { return &counter{word: word} },
	}
}

func table() Table {
	whole := Format{
		Name: "whole", Help: "whole",
		Sniff: func(head []byte) bool { return bytes.HasPrefix(head, []byte("whole:")) },
		Read: func(_ context.Context, in *Input, to *Result) error {
			data, err := io.ReadAll(in.R)
			to.AddInput(finding.Input{Name: in.Name, Kind: in.Kind, Bytes: int64(len(data))})
			return err
		},
	}
	return Table{whole, logFormat("apple"), logFormat("pear")}
}

func read(t *testing.T, text string) []finding.Input {
	t.Helper()
	in, err := table().Open(t.Context(), input.Stdin, input.Options{Stdin: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	found := Result{Report: finding.NewReport(finding.Tool{})}
	if err := in.Read(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	return found.Report.Inputs
}

func TestTable(t *testing.T) {
	const name = "standard input"
	for text, want := range map[string][]finding.Input{
		"whole: apple":       {{Name: name, Kind: "whole", Bytes: 12}}, // a format of the whole input comes first
		"an apple\na pear\n": {{Name: name, Kind: "apple log", Events: 1}, {Name: name, Kind: "pear log", Events: 1}},
		"a pear":             {{Name: name, Kind: "pear log", Events: 1}},
		strings.Repeat("a plum\n", input.HeadBytes) + "an apple\n": {{Name: name, Kind: "apple log", Events: 1}},
	} {
		if diff := cmp.Diff(want, read(t, text)); diff != "" {
			t.Errorf("inputs of %.20q (-want +got):\n%s", text, diff)
		}
	}
}

func TestUnknownListsTheTable(t *testing.T) {
	_, err := table().Open(t.Context(), input.Stdin, input.Options{Stdin: strings.NewReader("a plum")})
	var unknown *input.UnknownError
	if !errors.As(err, &unknown) || unknown.Next != "concdoctor analyze reads wholes, apple logs and pear logs" {
		t.Errorf("error %v", err)
	}
}

// TestBrokenLog holds that what came before an error is kept, and the error returned.
func TestBrokenLog(t *testing.T) {
	broken := errors.New("the wire broke")
	in, err := table().Open(t.Context(), input.Stdin, input.Options{Stdin: io.MultiReader(strings.NewReader("an apple\n"), iotest.ErrReader(broken))})
	if err != nil {
		t.Fatal(err)
	}
	found := Result{Report: finding.NewReport(finding.Tool{})}
	if err := in.Read(t.Context(), &found); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if len(found.Report.Inputs) != 1 || len(found.Report.Warnings) != 1 {
		t.Errorf("inputs %v, warnings %v", found.Report.Inputs, found.Report.Warnings)
	}
}
