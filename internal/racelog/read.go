package racelog

import "github.com/concdoctor/concdoctor/internal/logtext"

const (
	// maxTorn bounds the torn reports whose text is kept, maxTornBytes that text.
	maxTorn      = 20
	maxTornBytes = 4 << 10
)

// Log is what a text held.
type Log struct {
	// Reports are in the order in which they end.
	Reports []Report
	// Unparsed counts reports that are torn or cut off; Torn are the first of them.
	Unparsed int
	Torn     []Torn
}

// Torn is a report that could not be read.
type Torn struct {
	// Line is the 1-based line of the input on which it starts, Text what it says.
	Line int
	Text string
}

// reports finds those of a log in its lines and adds them to l.
func (l *Log) reports() logtext.Reports[*builder] {
	return logtext.Reports[*builder]{Mark: mark, Begin: newBuilder, Ended: l.add}
}

func (l *Log) add(b *builder) {
	if report, whole := b.finish(); whole {
		l.Reports = append(l.Reports, report)
		return
	}
	if l.Unparsed++; len(l.Torn) < maxTorn {
		l.Torn = append(l.Torn, Torn{Line: b.report.Line, Text: b.text.String()})
	}
}
