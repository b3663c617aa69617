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

// scanner finds reports in the lines of a log.
type scanner struct {
	logtext.Reports[*builder]
	log Log
}

func newScanner() *scanner {
	s := new(scanner)
	s.Reports = logtext.Reports[*builder]{Mark: mark, Begin: newBuilder, End: s.ended}
	return s
}

func (s *scanner) ended(b *builder) {
	if report, whole := b.finish(); whole {
		s.log.Reports = append(s.log.Reports, report)
		return
	}
	if s.log.Unparsed++; len(s.log.Torn) < maxTorn {
		s.log.Torn = append(s.log.Torn, Torn{Line: b.report.Line, Text: b.text.String()})
	}
}

// end ends the reports under way and returns all.
func (s *scanner) end() *Log {
	s.EndAll()
	return &s.log
}
