package lockwarn

import (
	"bytes"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/format"
)

// Format is the logs' row in the table of formats.
func Format() format.Format {
	return format.Format{
		Name:  "go-deadlock log",
		Help:  "warnings of go-deadlock, anywhere in a log",
		Sniff: func(text []byte) bool { return bytes.Contains(text, []byte(mark)) },
		Scan: func() format.Scanner {
			log := new(Log)
			return format.Reports(log.reports(), log.addTo)
		},
	}
}

// addTo adds what the log of an input held.
func (l *Log) addTo(in *format.Input, to *format.Result) {
	if len(l.Warnings)+l.Unparsed == 0 {
		return
	}
	to.AddInput(finding.Input{Name: in.Name, Kind: Format().Name, Bytes: in.Bytes(), Events: int64(len(l.Warnings))})
	to.Report.Findings = append(to.Report.Findings, l.Findings(in.Name)...)
	if l.Unparsed > 0 {
		to.Report.Warn(in.Name, "%d of %d warnings of go-deadlock are torn, cut off or of an unknown form and were left out",
			l.Unparsed, l.Unparsed+len(l.Warnings))
	}
}
