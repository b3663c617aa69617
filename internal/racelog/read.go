package racelog

import (
	"io"
	"strings"

	"github.com/concdoctor/concdoctor/internal/logtext"
)

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

// Read reads r to its end. On an error of r the log holds what came before it.
func Read(r io.Reader) (*Log, error) {
	s := NewScanner()
	_, err := logtext.Read(r, s.Line)
	return s.End(), err
}

// Scanner finds reports in the lines of a log. It belongs to one goroutine.
type Scanner struct {
	log  Log
	open logtext.Underway[*builder]
}

// NewScanner returns a scanner that has seen no line.
func NewScanner() *Scanner {
	s := new(Scanner)
	s.open.Ended = s.ended
	return s
}

// Line takes the next line.
func (s *Scanner) Line(l logtext.Line) {
	if i := strings.Index(l.Text, mark); i >= 0 {
		s.open.Begin(l.Stream, newBuilder(l.Number, i))
	}
	b, is := s.open.At(l.Stream)
	if !is {
		return
	}
	if b.keep(l.Text); b.add(l.Text) {
		s.open.End(l.Stream)
	}
}

func (s *Scanner) ended(b *builder) {
	if report, whole := b.finish(); whole {
		s.log.Reports = append(s.log.Reports, report)
		return
	}
	if s.log.Unparsed++; len(s.log.Torn) < maxTorn {
		s.log.Torn = append(s.log.Torn, Torn{Line: b.report.Line, Text: b.text.String()})
	}
}

// End ends the reports under way and returns all.
func (s *Scanner) End() *Log {
	s.open.EndAll()
	return &s.log
}
