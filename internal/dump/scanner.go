package dump

import (
	"bytes"
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

// maxHead is longer than the words of a goroutine's state.
const maxHead = 250

// MayHold reports whether a text, which may begin and end anywhere, holds a dump.
func MayHold(text []byte) bool {
	if bytes.Contains(text, []byte(Asleep)) {
		return true
	}
	for {
		_, rest, found := bytes.Cut(text, []byte(headWord))
		if !found {
			return false
		}
		head, _, isHead := bytes.Cut(rest[:min(len(rest), maxHead)], []byte("]:"))
		if _, state, ok := cutGoroutine(string(head)); ok && isHead && isWord(state[0]) && !strings.Contains(state, "\n") {
			return true
		}
		text = rest
	}
}

// isWord reports whether a state may begin so.
func isWord(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

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
