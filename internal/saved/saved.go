package saved

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/format"
	"github.com/concdoctor/concdoctor/internal/input"
)

// ErrEmpty says that there was nothing to read.
var ErrEmpty = errors.New("the input is empty")

// maxBytes bounds what is read into memory: reports have some megabytes at most. Read, one
// takes about memoryFactor times its size.
const (
	maxBytes     = 256 << 20
	memoryFactor = 10
)

// Read reads a report, or findings line by line as an agent writes them; those have no
// verdict yet.
func Read(in *input.Input) (*finding.Report, error) {
	// Of what is no JSON object the start is enough: it may be a device that never ends.
	if head, _ := in.Head(); len(bytes.TrimSpace(head)) > 0 && bytes.TrimSpace(head)[0] != '{' {
		return finding.Read(bytes.NewReader(head))
	}
	most := in.Budget(maxBytes, memoryFactor)
	data, err := io.ReadAll(io.LimitReader(in.R, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading report: %w", err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("reading report: it is larger than %d kB, and a report is read into memory as a whole, at %d times its size: allow more with --max-memory", most>>10, memoryFactor)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("reading report: %w", ErrEmpty)
	}
	var first struct {
		Schema int
		Rule   string
	}
	// The reader below says where an error is.
	_ = json.NewDecoder(bytes.NewReader(data)).Decode(&first)
	if first.Schema == 0 && first.Rule != "" {
		return finding.ReadLines(bytes.NewReader(data))
	}
	return finding.Read(bytes.NewReader(data))
}

var (
	// reportKeys are the first keys of finding.Report, in whatever spacing.
	reportKeys = regexp.MustCompile(`^\s*\{\s*"schema"\s*:\s*[0-9]+\s*,\s*"tool"\s*:\s*\{\s*"name"\s*:\s*"concdoctor"`)
	// findingKey is the first key of finding.Finding.
	findingKey = regexp.MustCompile(`^\s*\{\s*"rule"\s*:`)
)

// Reports is the row of saved reports in the table of formats.
func Reports() format.Format {
	return format.Format{
		Name:  "saved report",
		Help:  "reports saved with --format json",
		Sniff: func(head []byte) bool { return reportKeys.Match(format.Text(head)) },
		Read:  read,
	}
}

// Findings is the row of an agent's findings in the table of formats.
func Findings() format.Format {
	return format.Format{
		Name:  "agent log",
		Help:  `findings that an agent wrote, with CONCDOCTOR="format=json output=FILE"`,
		Sniff: func(head []byte) bool { return findingKey.Match(format.Text(head)) },
		Read:  read,
	}
}

func read(_ context.Context, in *format.Input, to *format.Result) error {
	rep, err := Read(in.Input)
	if err != nil {
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	to.Report.Add(rep)
	return nil
}
