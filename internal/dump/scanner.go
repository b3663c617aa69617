package dump

import (
	"io"
	"math"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/internal/logtext"
)

// Parse reads the text of one dump with nothing in front of its lines, as runtime.Stack
// writes it. It keeps no arguments and no reference to the text, and leaves out what it
// cannot read.
func Parse(text string) []Goroutine {
	p := parser{intern: newInterner(), limit: math.MaxInt}
	for number := 1; text != ""; number++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		p.line(number, line)
	}
	if d := p.end(); d != nil {
		return d.Goroutines
	}
	return nil
}

// Read reads all dumps of r. On an error of r the dumps are what came before it.
func Read(r io.Reader) ([]Dump, error) {
	s := NewScanner()
	_, err := logtext.Read(r, s.Line)
	return s.End(), err
}

// Scanner finds dumps in the lines of a log. It belongs to one goroutine.
type Scanner struct {
	dumps   []Dump
	streams map[string]*parser
	intern  *interner
}

// NewScanner returns a scanner that has seen no line.
func NewScanner() *Scanner {
	return &Scanner{streams: make(map[string]*parser), intern: newInterner()}
}

// Line takes the next line.
func (s *Scanner) Line(l logtext.Line) {
	p := s.streams[l.Stream]
	if p == nil {
		if !isStart(l.Text) {
			return
		}
		p = &parser{intern: s.intern, seen: make(map[uint64]bool), limit: maxGoroutines, keepArgs: true}
		s.streams[l.Stream] = p
	}
	if done := p.line(l.Number, l.Text); done != nil {
		s.dumps = append(s.dumps, *done)
	}
}

// isStart is quick, since most lines of a log are none of ours.
func isStart(text string) bool {
	if strings.Contains(text, headWord) {
		return true
	}
	_, begins := findCause(text)
	return begins
}

// End ends the dumps under way and returns all in the order of their first lines.
func (s *Scanner) End() []Dump {
	for _, p := range s.streams {
		if done := p.end(); done != nil {
			s.dumps = append(s.dumps, *done)
		}
	}
	slices.SortStableFunc(s.dumps, func(a, b Dump) int { return a.Line - b.Line })
	return s.dumps
}
