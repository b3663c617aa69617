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
	if id := l.Confused(); id != "" && l.unusable() > 0 {
		to.Report.Warn(in.Name, "go-deadlock calls every goroutine %s here, a number that no goroutine of a program has: it does not know this version "+
			"of Go (before 0.3.5 with Go 1.23), and takes all goroutines for one; left out: %s of what one goroutine did; update go-deadlock and goid",
			id, finding.Plural(l.unusable(), "warning"))
	}
	switch all := l.Unparsed + len(l.Warnings); {
	case l.Unparsed == 0:
	case len(l.Warnings) == 0:
		to.Report.WarnUnread(in.Name, "%s of go-deadlock could not be read: torn, cut off or of an unknown form", finding.Plural(all, "warning"))
	default:
		to.Report.Warn(in.Name, "%d of %d warnings of go-deadlock are torn, cut off or of an unknown form and were left out", l.Unparsed, all)
	}
}
