package finding

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine is the longest line that ReadLines takes, in bytes: a finding of a thousand
// goroutines has a fraction of it.
const maxLine = 64 << 20

// ReadLines reads findings as the agent writes them with format=json, one JSON object a
// line, into a report. The same diagnosis of several runs becomes one finding. A last
// line that is cut off, as by a process that was killed, is left out with a warning.
// It fails for a line that is no finding, and names it.
func ReadLines(rd io.Reader) (*Report, error) {
	rep := NewReport(Tool{Name: "concdoctor"})
	lines := bufio.NewScanner(rd)
	lines.Buffer(nil, maxLine)
	var broken error // at the line before
	for n := 1; lines.Scan(); n++ {
		if broken != nil {
			return nil, broken
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var f Finding
		err := json.Unmarshal(lines.Bytes(), &f)
		if err == nil && f.Rule == "" {
			err = errors.New("no rule")
		}
		if err == nil {
			err = f.check()
		}
		if err != nil {
			broken = fmt.Errorf("reading findings: line %d: %w", n, err)
			continue
		}
		rep.Findings = append(rep.Findings, f)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	var torn *json.SyntaxError
	if errors.As(broken, &torn) && len(rep.Findings) > 0 {
		rep.Warn("", "the last line is cut off and left out")
	} else if broken != nil {
		return nil, broken
	}
	rep.Normalize()
	return rep, nil
}
