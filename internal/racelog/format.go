package racelog

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/format"
)

// Format is the logs' row in the table of formats.
func Format() format.Format {
	return format.Format{
		Name:  "race detector log",
		Help:  "reports of the race detector, anywhere in a log, also of go test -json",
		Sniff: func(text []byte) bool { return bytes.Contains(text, []byte(mark)) },
		Scan: func() format.Scanner {
			log := new(Log)
			return format.Reports(log.reports(), log.addTo)
		},
	}
}

// addTo adds what the log of an input held.
func (l *Log) addTo(in *format.Input, to *format.Result) {
	if len(l.Reports)+l.Unparsed == 0 {
		return
	}
	to.AddInput(finding.Input{Name: in.Name, Kind: Format().Name, Bytes: in.Bytes(), Events: int64(len(l.Reports))})
	to.Report.Findings = append(to.Report.Findings, l.Findings(in.Name)...)
	if l.Unparsed == 0 {
		return
	}
	to.Report.Warn(in.Name, "%d of %d race reports are torn or cut off and were left out: %s",
		l.Unparsed, l.Unparsed+len(l.Reports), l.tornLines())
	var kept strings.Builder
	for _, torn := range l.Torn {
		fmt.Fprintf(&kept, "line %d:\n%s", torn.Line, torn.Text)
	}
	to.Report.Warnings[len(to.Report.Warnings)-1].Block = kept.String()
}

// tornLines says "those at lines 3 and 17".
func (l *Log) tornLines() string {
	var lines []string
	for _, torn := range l.Torn {
		lines = append(lines, fmt.Sprint(torn.Line))
	}
	if len(lines) == 1 {
		return "the one at line " + lines[0]
	}
	if n := l.Unparsed - len(lines); n > 0 {
		lines = append(lines, fmt.Sprintf("%d more", n))
	}
	return "those at lines " + finding.Join(lines)
}
